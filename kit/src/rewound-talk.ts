/** What is kept of a conversation when a person takes the files back. */
import type { Rewound } from '@sluice/proto/parts.ts'
import type { EarlierRun } from './journal.ts'
import type { Entry } from './run.ts'

/** Told by who works, so an engine that goes on hears nothing of what is left out; what was started is still ended. */
const TALK: readonly string[] = ['prompt', 'assistant', 'result', 'note', 'session']

/** Cut: all until the note of the checkpoint, nothing where it is of a talk before. Kept: all but a message whose tools had not all ended. */
export function talkAfter(earlier: readonly EarlierRun[], { n, talk }: Pick<Rewound, 'n' | 'talk'>): EarlierRun[] {
  const all = earlier.flatMap(({ entries }) => entries)
  const made = all.findIndex((entry) => entry.kind === 'note' && isCheckpoint(entry.data, n))
  const end = talk === 'cut' ? made : wholeUntil(all)
  const left = new Set(all.slice(end + 1).filter(({ kind }) => TALK.includes(kind)))
  return earlier.map(({ runId, entries }) => ({ runId, entries: entries.filter((entry) => !left.has(entry)) }))
}

const isCheckpoint = (data: unknown, n: number): boolean =>
  typeof data === 'object' &&
  data !== null &&
  'type' in data &&
  data.type === 'checkpoint' &&
  'n' in data &&
  data.n === n

/** The last entry before a message of the model that calls tools without all their results. */
function wholeUntil(entries: readonly Entry[]): number {
  const last = entries.findLastIndex(({ kind }) => kind === 'assistant')
  const calls = (entries[last]?.data as { calls?: unknown[] } | undefined)?.calls ?? []
  const results = entries.slice(last).filter(({ kind }) => kind === 'result')
  return results.length < calls.length ? last - 1 : entries.length
}
