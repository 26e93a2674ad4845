/** `sluice gc`: what lies on the disk and what of it could go; with --yes it goes. */
import { ClearedDisk, Disk, type DiskEntry, DiskKind } from '@sluice/proto/rest.ts'
import { houseOptions, readArgs } from '../args.ts'
import { Misuse } from '../misuse.ts'
import { openRest } from '../opened.ts'
import { table } from '../table.ts'
import { plain, print, printJson } from '../terminal.ts'
import { size } from '../units.ts'
import type { Verb } from '../verb.ts'

const usage = 'sluice gc [KIND …] [--yes] [--now] [--archives DAYS] [--json] [--demo | --work]'

/** Looking through a large disk, and removing fifty worktrees, takes as long as it takes. */
const PATIENCE_MS = 30 * 60_000

export const gc: Verb = {
  name: 'gc',
  summary: `Shows what lies on the disk, what of it could go and why that is safe; with --yes it goes. Nothing goes that an event names, or that somebody is in. --now does not wait for days to be over; --archives 30 also takes archives of ignored files that are older. Kinds: ${DiskKind.options.join(', ')}.`,
  usage,
  async run(args) {
    const more = { yes: { type: 'boolean' }, now: { type: 'boolean' }, archives: { type: 'string' } } as const
    const { values, positionals } = readArgs(args, { usage, options: { ...houseOptions, ...more }, rest: true })
    const kinds = positionals.map(kindNamed)
    const archives = values.archives === undefined ? undefined : days(values.archives)
    const now = values.now ?? false
    const { rest } = await openRest(values)

    if (!values.yes) {
      const query = new URLSearchParams({
        now: String(now),
        ...(archives === undefined ? {} : { archives: String(archives) }),
      })
      const disk = await rest.get(`/api/disk?${query}`, Disk, PATIENCE_MS)
      const entries = disk.entries.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
      return values.json ? printJson({ ...disk, entries }) : print(shown({ ...disk, entries }))
    }
    const wanted = { now, ...(kinds.length > 0 && { kinds }), ...(archives !== undefined && { archives }) }
    const cleared = await rest.post('/api/disk/clear', wanted, ClearedDisk, PATIENCE_MS)
    if (values.json) printJson(cleared)
    else print(done(cleared))
    return cleared.stayed.length > 0 ? 1 : 0
  },
}

function kindNamed(name: string): DiskKind {
  const { data } = DiskKind.safeParse(name)
  return data ?? misuse(`There is no kind \`${name}\`: there are ${DiskKind.options.join(', ')}.`)
}

function days(text: string): number {
  const number = Number(text)
  return text.trim() !== '' && number >= 0 && Number.isFinite(number) ? number : misuse(`${text} is no number of days.`)
}

function misuse(problem: string): never {
  throw new Misuse(`${problem} Usage: ${usage}`)
}

function shown({ dir, bytes, entries }: Disk): string {
  if (entries.length === 0) return `Nothing lies in ${dir} that would be looked after.`
  const goes = entries.filter((entry) => entry.goes)
  const sum = goes.reduce((all, entry) => all + entry.bytes, 0)
  const head = ['', 'KIND', 'NAME', 'SIZE', 'WHY']
  const end =
    goes.length === 0
      ? `Nothing of ${size(bytes)} in ${dir} may go now.`
      : `${goes.length} may go, ${size(sum)} of ${size(bytes)} in ${dir}: sluice gc --yes`
  return [...table(entries.map(row), { head, right: [3] }), '', end].join('\n')
}

const row = ({ goes, kind, name, bytes, why }: DiskEntry): string[] => [
  goes ? 'goes' : 'stays',
  kind,
  plain(name),
  size(bytes),
  plain(why),
]

function done({ bytes, removed, stayed }: ClearedDisk): string {
  const lines = removed.map(({ kind, name, bytes: one }) => `${kind} ${plain(name)}: gone, ${size(one)}.`)
  const left = stayed.map(({ kind, name, why }) => `${kind} ${plain(name)} stays: ${plain(why)}`)
  const end = removed.length === 0 ? 'Nothing went.' : `${size(bytes)} are free.`
  return [...lines, ...left, end].join('\n')
}
