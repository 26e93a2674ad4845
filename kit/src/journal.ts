/** The journal of a run on RUN: numbered entries, each written once, so that of two attempts only one goes on. */
import { mkdirSync } from 'node:fs'
import { z } from 'zod'
import { type Bus, Stale } from './bus.ts'
import { LeaseLost } from './errors.ts'
import type { Lease } from './lease.ts'
import type { Entry, EntryKind, Run, StartedEntry } from './run.ts'

/** An entry as it lies on RUN. */
export const StoredEntry = z.object({
  kind: z.enum([
    'started',
    'process',
    'session',
    'prompt',
    'assistant',
    'result',
    'said',
    'usage',
    'note',
    'failure',
    'stopped',
    'answer',
  ]),
  attempt: z.int(),
  at: z.string(),
  data: z.unknown(),
})

const STREAM = 'RUN'
/** Entries read at a time; a journal of 200 is there in a few milliseconds. */
const BATCH = 32

/** `run.<source>.<storyId>.<runId>.<n>`: n counts from 1 without a gap. */
export const entrySubject = (source: string, storyId: string, runId: string, n: number): string =>
  `run.${source}.${storyId}.${runId}.${n}`

/** Entries in order, from a source's own journal: read one by one, since a consumer of one's own would be a way to forge. */
export async function readJournal(bus: Bus, storyId: string, runId: string): Promise<Entry[]> {
  const entries: Entry[] = []
  for (;;) {
    const wanted = Array.from({ length: BATCH }, (_, i) =>
      entrySubject(bus.source, storyId, runId, entries.length + i + 1),
    )
    const found = await Promise.all(wanted.map((subject) => bus.last(STREAM, subject)))
    const end = found.indexOf(null)
    const present = end < 0 ? found : found.slice(0, end)
    entries.push(...present.map((entry) => StoredEntry.parse(entry?.data) as Entry))
    if (end >= 0) return entries
  }
}

export type EarlierRun = { runId: string; entries: Entry[] }

/** The parked runs that one goes on from, the first of them first. */
export async function readEarlier(bus: Bus, storyId: string, runId: string | undefined): Promise<EarlierRun[]> {
  if (runId === undefined) return []
  const entries = await readJournal(bus, storyId, runId)
  const started = entries.find(({ kind }) => kind === 'started')?.data as StartedEntry | undefined
  return [...(await readEarlier(bus, storyId, started?.continues)), { runId, entries }]
}

/**
 * Opens the journal for one attempt and records that it began. Each entry is written by compare-and-swap at its own
 * number: an attempt that slept through a take-over finds its next number taken and stops.
 */
export async function openJournal(
  bus: Bus,
  at: { storyId: string; runId: string; dir: string; lease: Lease; now: () => Date; earlier?: readonly EarlierRun[] },
): Promise<Run> {
  const { storyId, runId, dir, lease, now, earlier = [] } = at
  // Every entry is written under the lease: where nobody held it before there is none to read.
  const entries = lease.first ? [] : await readJournal(bus, storyId, runId)
  let writing: Promise<void> = Promise.resolve()

  async function write(kind: EntryKind, data: unknown): Promise<void> {
    // The first entry of a first attempt needs no second look: its number is free only while nobody else began.
    if (!lease.first || entries.length > 0) await lease.check()
    const entry: Entry = { kind, attempt: lease.attempt, at: now().toISOString(), data }
    await once(entrySubject(bus.source, storyId, runId, entries.length + 1), entry)
    entries.push(entry)
  }

  /** A number that is taken is either our own entry, its answer lost on the way, or another attempt's. */
  async function once(subject: string, entry: Entry): Promise<void> {
    try {
      await bus.put(subject, entry, 0)
    } catch (error) {
      if (!(error instanceof Stale)) throw error
      const there = (await bus.last(STREAM, subject))?.data as Entry | undefined
      if (there?.attempt !== lease.attempt || there.at !== entry.at || there.kind !== entry.kind)
        throw new LeaseLost('Another attempt writes this journal.', { cause: error })
    }
  }

  return {
    id: runId,
    storyId,
    attempt: lease.attempt,
    // Made when it is asked for: most runs leave nothing there, and among thousands a directory takes longer than all else here.
    get dir() {
      mkdirSync(dir, { recursive: true })
      return dir
    },
    earlier: earlier.flatMap((run) => run.entries),
    chain: earlier.map((run) => run.runId),
    entries: () => entries,
    fence: () => lease.check(),
    append(kind, data) {
      // One after the other: parallel tools append at the same moment.
      const mine = writing.then(() => write(kind, data))
      writing = mine.catch(() => undefined)
      return mine
    },
  }
}
