/** Where a conversation began: in this run, or in a parked one that this run goes on from. */
import type { Entry, Run } from '../run.ts'
import { conversationOf } from './conversation.ts'

export type GoneOnFrom = {
  /** What was said in parked runs and still counts. */
  earlier: readonly Entry[]
  /** The run in which the conversation began. */
  begunIn: string
}

/** What was handed in before was a question, and is answered in the next run's prompt: there the conversation begins anew. */
export function goneOnFrom(
  { id, earlier, chain = [] }: Pick<Run, 'id' | 'earlier' | 'chain'>,
  number: number,
): GoneOnFrom {
  let gone: GoneOnFrom = { earlier: [], begunIn: chain[0] ?? id }
  for (const [n, entries] of runsIn(earlier).entries()) {
    gone = { ...gone, earlier: [...gone.earlier, ...entries] }
    if (conversationOf(gone.earlier, number).submitted) gone = { earlier: [], begunIn: chain[n + 1] ?? id }
  }
  return gone
}

/** Every run that was parked ends with its answer. */
function runsIn(entries: readonly Entry[]): Entry[][] {
  const runs: Entry[][] = [[]]
  for (const entry of entries) {
    runs.at(-1)?.push(entry)
    if (entry.kind === 'answer') runs.push([])
  }
  return runs.filter((run) => run.length > 0)
}
