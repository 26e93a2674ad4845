/** Finds the verb that was typed, in a table whose entries are loaded only when they are wanted. */
import pack from '../package.json' with { type: 'json' }
import { Misuse } from './misuse.ts'
import { closest } from './suggest.ts'
import { table } from './table.ts'
import { print } from './terminal.ts'
import type { Verb } from './verb.ts'

type Load = () => Promise<Verb>
type Group = { summary: string; verbs: Verbs }
export type Verbs = { [name: string]: Load | Group }

export async function dispatch(verbs: Verbs, args: string[]): Promise<number> {
  const [first = '--help', ...rest] = args
  if (first === '--version' || first === '-v') return print(pack.version)
  if (first === 'help') return dispatch(verbs, [...rest.filter((word) => !isHelp(word)), '--help'])
  return await go({ summary: ABOUT, verbs }, args, ['sluice'])
}

const ABOUT = 'Runs software stories on this machine, from a sentence to a merged commit.'

async function go(group: Group, [word = '--help', ...rest]: string[], path: string[]): Promise<number> {
  if (isHelp(word)) return await groupHelp(group, path)
  const next = Object.hasOwn(group.verbs, word) ? group.verbs[word] : undefined
  if (!next) throw unknown(word, group, path)
  if (typeof next !== 'function') return await go(next, rest, [...path, word])

  const verb = await next()
  if (rest.slice(0, endOfOptions(rest)).some(isHelp)) return print(`${verb.summary}\n\nUsage: ${verb.usage}`)
  return await verb.run(rest)
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h'

/** What stands after `--` is text, also where it looks like an option. */
function endOfOptions(args: string[]): number {
  const end = args.indexOf('--')
  return end === -1 ? args.length : end
}

function unknown(word: string, { verbs }: Group, path: string[]): Misuse {
  const names = Object.keys(verbs)
  const near = closest(word, names)
  const instead = near ? `Did you mean \`${[...path, near].join(' ')}\`?` : `There are ${names.join(', ')}.`
  return new Misuse(`There is no \`${[...path, word].join(' ')}\`. ${instead}`)
}

async function groupHelp({ summary, verbs }: Group, path: string[]): Promise<number> {
  const rows = await Promise.all(
    Object.entries(verbs).map(async ([name, entry]) => [
      `  ${name}`,
      typeof entry === 'function' ? (await entry()).summary : entry.summary,
    ]),
  )
  const lines = [summary, '', `Usage: ${path.join(' ')} <verb> …`, '', ...table(rows), '']
  return print([...lines, `\`sluice help ${[...path.slice(1), '<verb>'].join(' ')}\` says more of one.`].join('\n'))
}
