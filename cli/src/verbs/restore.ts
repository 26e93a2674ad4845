/** `sluice restore`: brings back what `sluice backup` wrote. */
import { resolve } from 'node:path'
import { dataDir } from '@sluice/kit/paths.ts'
import { readArgs } from '../args.ts'
import { bringBack } from '../backup/bring-back.ts'
import { sittingText } from '../sitting.ts'
import { print, printJson, say } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice restore FILE [--force] [--json]'

export const restore: Verb = {
  name: 'restore',
  summary:
    'Brings back what `sluice backup` wrote, with the next `sluice up` its stories go on. Over stories that are there only with --force, which moves them aside. The repository must be where it was.',
  usage,
  async run(args) {
    const options = { force: { type: 'boolean' }, json: { type: 'boolean' } } as const
    const { values, positionals } = readArgs(args, { usage, options, words: ['FILE'] })
    const told = values.json ? () => true : (line: string) => say(`sluice restore: ${line}`)
    const { manifest, dir, moved, unmanned } = await bringBack({
      ...{ file: resolve(positionals[0] ?? ''), base: dataDir(), force: values.force ?? false },
      ...{ say: told, now: () => new Date() },
    })
    if (values.json) return printJson({ dir, moved, unmanned, at: manifest.at, streams: manifest.streams })
    const start = manifest.which === 'demo' ? 'sluice up' : 'sluice up --repo PATH'
    return print(
      [
        `${manifest.streams.STORY ?? 0} events of ${manifest.at} are back in ${dir}.`,
        ...(moved ? [`What was there lies in ${moved}.`] : []),
        `Start it with \`${start}\`.`,
        ...unmanned.map(
          ({ seat, sitting }) =>
            `The seat ${seat} is empty: its command came from the file, so you start it: \`sluice reviewer swap ${seat} -- ${sittingText(sitting)}\`.`,
        ),
      ].join('\n'),
    )
  },
}
