/** The disk as a person sees it, and what `gc` takes away of it: looked at anew before each removal. */
import type { ClearDisk, ClearedDisk, Disk, DiskEntry } from '@sluice/proto/rest.ts'
import type { Candidate, Looking } from './candidate.ts'
import { candidates } from './candidates.ts'

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

const wishOf = ({ now = false, archives }: Wished) => ({ now, archives: archives ?? null })
const shown = ({ remove: _, ...entry }: Candidate): DiskEntry => entry
const sum = (entries: readonly DiskEntry[]): number => entries.reduce((all, { bytes }) => all + bytes, 0)
