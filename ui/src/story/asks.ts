/** What a story asks of the person now, told apart by what would set it going again. */
import type { PermissionAsked, Question, Waiting } from '@sluice/proto/parts.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Gate, Story } from '@sluice/proto/story.ts'

export type Asks = {
  gate: Gate | null
  questions: { role: string; request: string; questions: Question[] }[]
  permissions: { role: string; request: string; permissions: PermissionAsked[] }[]
  budget: Extract<Waiting, { kind: 'budget' }> | null
  /** Failed, or waits for something outside that a person mends: tried again when told. */
  stuck: { role: string; request: string; what: string; mend: string }[]
  /** Goes on by itself: told, and not asked. */
  waits: { role: string; request: string; what: string }[]
}

export function asksOf(story: Story): Asks {
  const asks: Asks = { gate: null, questions: [], permissions: [], budget: null, stuck: [], waits: [] }
  if (story.status !== 'running') return asks
  asks.gate = story.gate
  for (const { role, step } of stepsOf(story)) {
    if (step.at === 'failed') asks.stuck.push({ role, request: step.request, ...failure(step) })
    if (step.at !== 'paused') continue
    const { request, waiting } = step
    if (waiting.kind === 'questions') asks.questions.push({ role, request, questions: waiting.questions })
    else if (waiting.kind === 'permission') asks.permissions.push({ role, request, permissions: waiting.permissions })
    else if (waiting.kind === 'budget') asks.budget ??= waiting
    else if (waiting.kind === 'limit' && waiting.wake) asks.waits.push({ role, request, what: waitsText(waiting) })
    else if (waiting.kind !== 'person') asks.stuck.push({ role, request, what: whatOf(waiting), mend: mendOf(waiting) })
  }
  return asks
}

export const asksNothing = ({ gate, questions, permissions, budget, stuck }: Asks): boolean =>
  !gate && questions.length === 0 && permissions.length === 0 && !budget && stuck.length === 0

const failure = ({ reason, parked }: { reason: string; parked: boolean }) => ({
  what: reason,
  mend: parked ? 'It was parked after several attempts ended without a word.' : 'Mend what it names, then try again.',
})

type Mendable = Exclude<Waiting, { kind: 'questions' | 'permission' | 'budget' | 'person' }>

const whatOf = (waiting: Mendable): string =>
  waiting.kind === 'stuck' ? `It goes round in circles: ${waiting.saw}` : waiting.problem

function mendOf(waiting: Mendable): string {
  switch (waiting.kind) {
    case 'account':
      return 'Mend it, then try again.'
    case 'stuck':
      return 'Say what to try instead; without a word it goes as far again.'
    case 'limit':
      return `Try again at ${timeOf(waiting.resetsAt)}: before, it would be held again.`
    case 'checkout':
      return `Commit or stash ${waiting.files.join(', ') || 'your changes'} in ${waiting.path}, then try again.`
  }
}

const waitsText = ({ problem, resetsAt }: Extract<Waiting, { kind: 'limit' }>): string =>
  `${problem} It goes on by itself at ${timeOf(resetsAt)}.`

const timeOf = (at: string): string => new Date(at).toLocaleString([], { dateStyle: 'short', timeStyle: 'short' })
