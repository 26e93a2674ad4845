/** The disk as a person sees it, and what `gc` takes away of it: looked at anew before each removal. */
import type { ClearDisk, ClearedDisk, Disk, DiskEntry } from '@sluice/proto/rest.ts'
import type { Context } from 'hono'
import { refuse } from '../refused.ts'
import { type Candidate, candidates, type Looking } from './candidates.ts'

export type Wished = Pick<ClearDisk, 'now' | 'archives'>

export async function diskView(looking: Looking, wished: Wished): Promise<Disk> {
  const entries = (await candidates(looking, wishOf(wished))).map(shown)
  return { dir: looking.dataDir, bytes: sum(entries), goes: sum(entries.filter(({ goes }) => goes)), entries }
}

/** One after the other; what cannot go says why and stops nothing else. */
export async function clearDisk(looking: Looking, { kinds, ...wished }: ClearDisk): Promise<ClearedDisk> {
  const [removed, stayed]: [DiskEntry[], DiskEntry[]] = [[], []]
  for (const one of await candidates(looking, wishOf(wished))) {
    if (!one.goes || !one.remove || (kinds && !kinds.includes(one.kind))) continue
    const why = await one.remove().catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    if (why === null) removed.push(shown(one))
    else stayed.push({ ...shown(one), goes: false, why })
  }
  return { bytes: sum(removed), removed, stayed }
}

/** As the address says it: `?now=true&archives=30`. */
export function wishedOf(c: Context): Wished {
  const archives = c.req.query('archives')
  const days = archives === undefined ? undefined : Number(archives)
  if (days !== undefined && !(days >= 0)) refuse(400, `${archives} is no number of days.`, 'Give one of 0 or more.')
  return { now: c.req.query('now') === 'true', ...(days === undefined ? {} : { archives: days }) }
}

const wishOf = ({ now = false, archives }: Wished) => ({ now, archives: archives ?? null })
const shown = ({ remove: _, ...entry }: Candidate): DiskEntry => entry
const sum = (entries: readonly DiskEntry[]): number => entries.reduce((all, { bytes }) => all + bytes, 0)
