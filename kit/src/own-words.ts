/** A seat may change hands in the middle of a run: who sits there now goes on from its own words, not from a stranger's. */
import type { Entry, EntryKind, Run, StartedEntry } from './run.ts'

/** A conversation is its occupant's. What was spent, what still runs and what failed is the run's, whoever did it. */
const words: readonly EntryKind[] = ['session', 'prompt', 'assistant', 'result']

/** The run as this program sees it: without what another one asked its model and was answered. */
export function ownWords(run: Run, program: string): Run {
  const strangers = new Set(
    [...run.earlier, ...run.entries()].filter((entry) => isOfAnother(entry, program)).map(attemptOf),
  )
  if (strangers.size === 0) return run
  const isOurs = ({ kind, attempt }: Entry) => !words.includes(kind) || !strangers.has(attempt)
  return { ...run, earlier: run.earlier.filter(isOurs), entries: () => run.entries().filter(isOurs) }
}

const attemptOf = ({ attempt }: Entry): number => attempt

/** An older entry does not name its program: then a seat had but one. */
const isOfAnother = ({ kind, data }: Entry, program: string): boolean =>
  kind === 'started' && ((data as StartedEntry).program ?? program) !== program
