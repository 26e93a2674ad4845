/** Whose words a journal holds: who works now goes on from its own, not from those of another program, engine or model. */
import { type Chosen, isSameVoice } from './choice.ts'
import type { Entry, EntryKind, Run, StartedEntry } from './run.ts'

/** A seat may change hands in the middle of a run, and a person choose another model for what was parked. */
export type Speaker = { program: string; choice?: Chosen | undefined }

/** A conversation is its speaker's. What was spent, what still runs and what failed is the run's, whoever did it. */
const words: readonly EntryKind[] = ['session', 'prompt', 'assistant', 'result']

/** The run as this speaker sees it: without what another one asked its model and was answered. */
export function ownWords(run: Run, speaker: Speaker): Run {
  const strangers = new Set(
    [...run.earlier, ...run.entries()].filter((entry) => isOfAnother(entry, speaker)).map(attemptOf),
  )
  if (strangers.size === 0) return run
  const isOurs = ({ kind, attempt }: Entry) => !words.includes(kind) || !strangers.has(attempt)
  return { ...run, earlier: run.earlier.filter(isOurs), entries: () => run.entries().filter(isOurs) }
}

/** With what this program had begun and spoken before, where it now goes on with something else. */
export function leftBehind(run: Pick<Run, 'earlier' | 'entries'>, { program, choice }: Speaker): Chosen | null {
  const all = [...run.earlier, ...run.entries()]
  const last = all.findLast(({ kind }) => kind === 'started')
  const before = (last?.data as StartedEntry | undefined)?.choice
  if (!last || !before || !choice || isSameVoice(before, choice) || isOfAnother(last, { program })) return null
  return all.some(({ kind, attempt }) => kind === 'prompt' && attempt === last.attempt) ? before : null
}

const attemptOf = ({ attempt }: Entry): number => attempt

/** An older entry names neither program nor choice: then there was but one. */
function isOfAnother({ kind, data }: Entry, speaker: Speaker): boolean {
  if (kind !== 'started') return false
  const { program = speaker.program, choice } = data as StartedEntry
  return program !== speaker.program || (!!choice && !!speaker.choice && !isSameVoice(choice, speaker.choice))
}
