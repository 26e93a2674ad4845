/** What a story asks of the person now, told apart by what would set it going again. */
import type { Question, Waiting } from '@sluice/proto/parts.ts'
import { type Gate, type Story, stepsOf } from '@sluice/proto/story.ts'

export type Asks = {
  gate: Gate | null
  questions: { role: string; request: string; questions: Question[] }[]
  budget: Extract<Waiting, { kind: 'budget' }> | null
  /** Failed, or waits for something outside that a person mends: tried again when told. */
  stuck: { role: string; request: string; what: string; mend: string }[]
}

export function asksOf(story: Story): Asks {
  const asks: Asks = { gate: null, questions: [], budget: null, stuck: [] }
  if (story.status !== 'running') return asks
  asks.gate = story.gate
  for (const { role, step } of stepsOf(story)) {
    if (step.at === 'failed') asks.stuck.push({ role, request: step.request, ...failure(step) })
    if (step.at !== 'paused') continue
    const { request, waiting } = step
    if (waiting.kind === 'questions') asks.questions.push({ role, request, questions: waiting.questions })
    else if (waiting.kind === 'budget') asks.budget ??= waiting
    else if (waiting.kind !== 'person') asks.stuck.push({ role, request, ...trouble(waiting) })
  }
  return asks
}

export const asksNothing = ({ gate, questions, budget, stuck }: Asks): boolean =>
  !gate && questions.length === 0 && !budget && stuck.length === 0

const failure = ({ reason, parked }: { reason: string; parked: boolean }) => ({
  what: reason,
  mend: parked ? 'It was parked after several attempts ended without a word.' : 'Mend what it names, then try again.',
})

function trouble(waiting: Exclude<Waiting, { kind: 'questions' | 'budget' | 'person' }>): {
  what: string
  mend: string
} {
  switch (waiting.kind) {
    case 'account':
      return { what: waiting.problem, mend: 'Mend it, then try again.' }
    case 'checkout': {
      const files = waiting.files.join(', ') || 'your changes'
      return { what: waiting.problem, mend: `Commit or stash ${files} in ${waiting.path}, then try again.` }
    }
    case 'limit':
      return {
        what: waiting.problem,
        mend: waiting.wake
          ? 'It goes on by itself at the reset, or now if you try again.'
          : 'Try again after the reset.',
      }
    case 'stuck':
      return { what: waiting.saw, mend: 'Say what it should do instead, or let it try again.' }
  }
}
