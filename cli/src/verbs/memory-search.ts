/** `sluice memory search`: earlier stories and commits that fit some words, best first. */
import { houseOptions, readArgs } from '../args.ts'
import { marksOf, searchMemory } from '../memory.ts'
import { openRest } from '../opened.ts'
import { paint, plain, print, printJson } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice memory search [WORDS…] [--json] [--demo | --work]'
const MOST_FILES = 4

export const memorySearch: Verb = {
  name: 'memory search',
  summary: 'Finds earlier stories and commits by WORDS; without any, what is pinned and then the newest.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, { usage, options: houseOptions, rest: true })
    const { rest } = await openRest(values)
    const words = positionals.join(' ')
    const found = await searchMemory(rest, words)
    if (values.json) return printJson({ hits: found })
    if (found.length === 0)
      return print(
        words
          ? 'Nothing that was done before speaks of that.'
          : 'Memory is empty: it fills with the history of the base branch and with every story that ships.',
      )
    const lines = found.flatMap((hit) => [
      `${paint('bold', plain(hit.title))}${marksOf(hit)
        .map((mark) => `  · ${mark}`)
        .join('')}`,
      `  ${hit.entry}`,
      ...(hit.files.length > 0 ? [`  ${filesLine(hit.files)}`] : []),
    ])
    return print(lines.join('\n'))
  },
}

function filesLine(files: readonly string[]): string {
  const more = files.length - MOST_FILES
  return `${files.slice(0, MOST_FILES).map(plain).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
