/** `sluice memory show`: one entry whole, and the events and commits it came from. */
import { houseOptions, readArgs } from '../args.ts'
import { marksOf, readEntry } from '../memory.ts'
import { openRest } from '../opened.ts'
import { section } from '../standing.ts'
import { table } from '../table.ts'
import { paint, plain, plainLines, print, printJson } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice memory show ENTRY [--json] [--demo | --work]'

export const memoryShow: Verb = {
  name: 'memory show',
  summary: 'Shows an entry of memory: what agents are told, its files, the events and commits it came from.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, { usage, options: houseOptions, words: ['ENTRY'] })
    const { rest } = await openRest(values)
    const entry = await readEntry(rest, positionals[0] ?? '')
    if (values.json) return printJson(entry)
    const marks = marksOf(entry)
    const about = [
      ['Id', entry.entry],
      ...(marks.length > 0 ? [['Marks', marks.join(', ')]] : []),
      ['Commit', entry.commit],
    ]
    const indented = (text: string) =>
      plainLines(text)
        .split('\n')
        .map((line) => `  ${line}`)
    const came = entry.from.map(({ at, kind, what, id }) => [`  ${at.slice(0, 16).replace('T', ' ')}`, what, kind, id])
    return print(
      [
        paint('bold', plain(entry.title)),
        ...table(about),
        ...section('What agents are told', indented(entry.summary)),
        ...(entry.edited
          ? section('As it was recorded', indented(`${entry.recorded.title}\n${entry.recorded.summary}`))
          : []),
        ...section(
          'Files',
          entry.files.map((file) => `  ${plain(file)}`),
        ),
        ...section('Came from', table(came)),
      ].join('\n'),
    )
  },
}
