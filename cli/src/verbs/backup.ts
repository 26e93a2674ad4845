/** `sluice backup`: one file with all that a house would miss, taken also while it runs. */
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Refusal } from '@sluice/kit/errors.ts'
import { dataDir } from '@sluice/kit/paths.ts'
import { houseOptions, readArgs } from '../args.ts'
import { takeBackup } from '../backup/take.ts'
import { runningHouses, type Which } from '../running-house.ts'
import { print, printJson, say } from '../terminal.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice backup [FILE] [--json] [--demo | --work]'

export const backup: Verb = {
  name: 'backup',
  summary:
    'Writes stories, runs, documents and the ledger of one Sluice into a file, also while it runs. Not in it: tokens and passwords, memory (it is built anew), your repository, and what agents have in worktrees but not committed.',
  usage,
  async run(args) {
    const { values, positionals } = readArgs(args, { usage, options: houseOptions, rest: true })
    const which = await chosen(values)
    const dir = join(dataDir(), which)
    if (!(await stat(join(dir, 'bus', 'js')).catch(() => null)))
      throw new Refusal(`${dir} holds no stories.`, 'Name the other with --demo or --work, or set SLUICE_DATA.')
    const at = new Date()
    const file = resolve(
      positionals[0] ?? `sluice-${which}-${at.toISOString().slice(0, 19).replaceAll(':', '-')}.tar.gz`,
    )
    if (await stat(file).catch(() => null)) throw new Refusal(`${file} is there already.`, 'Name another file.')

    const running = (await runningHouses()).some((house) => house.which === which)
    const told = values.json ? () => true : (line: string) => say(`sluice backup: ${line}`)
    const manifest = await takeBackup({ dir, which, running, file, say: told, now: () => at })
    const { size } = await stat(file)
    if (values.json) return printJson({ file, bytes: size, ...manifest })
    const events = manifest.streams.STORY ?? 0
    return print(
      `${file}: ${events} events, ${Object.keys(manifest.files).length} files, ${(size / 1e6).toFixed(1)} MB.`,
    )
  },
}

/** The one that is asked for; else the one that has anything, the person's work before the demo. */
async function chosen(asked: { demo?: boolean | undefined; work?: boolean | undefined }): Promise<Which> {
  if (asked.demo || asked.work) return asked.demo ? 'demo' : 'work'
  const hasWork = await stat(join(dataDir(), 'work', 'bus', 'js')).catch(() => null)
  return hasWork ? 'work' : 'demo'
}
