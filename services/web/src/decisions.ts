/** What a person may decide about a story, and when: each decision checked against the story as it stands. Pure. */

import { goOn } from '@sluice/proto/budget-lines.ts'
import type { EventType } from '@sluice/proto/event.ts'
import {
  BudgetRaised,
  FindingDismissed,
  GateApproved,
  GateRejected,
  PermissionAnswered,
  QuestionAnswered,
  StoryCancelled,
  StoryRetried,
  StoryRewound,
} from '@sluice/proto/events.ts'
import type { Question, Waiting } from '@sluice/proto/parts.ts'
import type {
  AnswerQuestions,
  Approve,
  Cancel,
  Dismiss,
  Permit,
  RaiseBudget,
  Reject,
  Retry,
} from '@sluice/proto/rest.ts'
import { mendable } from '@sluice/proto/story/hand.ts'
import { isLanding } from '@sluice/proto/story/release.ts'
import { blockingFindings } from '@sluice/proto/story/review.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import type { z } from 'zod'
import { refuse } from './refused.ts'

/** An event of a decision. `n` tells apart those of one decision. */
export type Saying = { type: EventType; n?: string; data: unknown }

const by = 'person' as const

/** Dismissals come first: cut off in between, the same command said again makes up the rest. */
export function approve(story: Story, { gate, digest, comment, dismiss }: z.infer<typeof Approve>): Saying[] {
  checkGate(story, { gate, digest })
  const blocking = gate === 'review' ? blockingFindings(story) : []
  if (blocking.length > 0 && dismiss === undefined)
    refuse(
      409,
      `${blocking.length} ${blocking.length === 1 ? 'finding stands' : 'findings stand'} in the way.`,
      'Dismiss them with a reason, or send the story back.',
      { current: currentGate(story) },
    )
  const dismissals = blocking.map(({ id }) => ({
    type: FindingDismissed,
    n: id,
    data: { findingId: id, reason: dismiss, by },
  }))
  return [...dismissals, { type: GateApproved, data: { gate, digest, by, ...(comment ? { comment } : {}) } }]
}

export function reject(story: Story, { gate, digest, comment }: z.infer<typeof Reject>): Saying[] {
  checkGate(story, { gate, digest })
  if (comment.trim() === '') refuse(400, 'The comment is empty.', 'Say what is to be changed.')
  return [{ type: GateRejected, data: { gate, digest, by, comment } }]
}

/** The person decides about what was on the screen, and about nothing that took its place. */
function checkGate(story: Story, shown: { gate: string; digest: string }): void {
  const current = currentGate(story)
  if (current?.gate === shown.gate && current.digest === shown.digest) return
  const error = current
    ? `What waits at the ${current.gate} gate is not what this decides about.`
    : 'No gate of this story waits for a decision.'
  refuse(409, error, 'Look at the story as it stands now, then decide again.', { current })
}

export const currentGate = ({ gate }: Story): { gate: string; digest: string } | null =>
  gate && { gate: gate.gate, digest: gate.digest }

export function answer(story: Story, { request, answers }: z.infer<typeof AnswerQuestions>): Saying[] {
  const asked = questionsOf(story, request)
  if (asked.length === 0)
    refuse(409, 'Nothing of this request waits for answers.', 'Look at the story: it may have been answered already.')
  const given = new Map(answers.map(({ id, answer }) => [id, answer]))
  const open = asked.find(({ id }) => !given.get(id)?.trim())
  if (open) refuse(400, `The question “${open.text}” has no answer.`, 'Answer all questions at once.')
  const unasked = answers.find(({ id }) => !asked.some((question) => question.id === id))
  if (unasked) refuse(400, `Nobody asked a question ${unasked.id}.`, 'Answer the questions of the story by their ids.')
  // The question is as it was asked, whatever the answer says it was.
  const complete = asked.map(({ id, text }) => ({ id, text, answer: given.get(id) }))
  return [{ type: QuestionAnswered, data: { request, answers: complete } }]
}

/** Of a run that is parked for it, or of one at work: that one's question is named by what asks. */
export function permit(story: Story, { request, permission: id, key, ...said }: z.infer<typeof Permit>): Saying[] {
  const waiting = waitings(story).flatMap((w) =>
    w.request === request && w.kind === 'permission' ? w.permissions : [],
  )
  const known = waiting.find((asked) => asked.id === id)?.key ?? key
  const isAsked = stepsOf(story).some(
    ({ step }) => (step.at === 'asked' || step.at === 'paused') && step.request === request,
  )
  if (!known || !isAsked)
    refuse(409, 'Nothing of this story asks for that.', 'Look at the story: it may have been answered already.')
  return [{ type: PermissionAnswered, data: { request, decided: { id, key: known, ...said } } }]
}

function questionsOf(story: Story, request: string): Question[] {
  const all = waitings(story).flatMap((w) => (w.request === request && w.kind === 'questions' ? w.questions : []))
  return all.filter(({ id }, i) => all.findIndex((other) => other.id === id) === i)
}

const waitings = (story: Story): (Waiting & { request: string })[] =>
  stepsOf(story).flatMap(({ step }) => (step.at === 'paused' ? [{ ...step.waiting, request: step.request }] : []))

export function budget(story: Story, { budgetUsd, limits, goOn: onward }: z.infer<typeof RaiseBudget>): Saying[] {
  const raise = onward ? goOn(story) : { budgetUsd: budgetUsd ?? story.budgetUsd, ...(limits && { limits }) }
  if (!raise) refuse(409, 'Nothing of this story waits for a line to be moved.', 'Name the new budget, or let it work.')
  if (!onward && budgetUsd === undefined && !limits)
    refuse(400, 'No line was named.', 'Say the new budget in dollars, another line, or that it may go on.')
  // A run that waits for money has said what is spent; the story itself counts only runs that have answered.
  const told = waitings(story).flatMap((w) => (w.kind === 'budget' ? [w.spentUsd] : []))
  const spentUsd = Math.max(story.usage.costUsd, ...told)
  if (raise.budgetUsd <= spentUsd)
    refuse(409, `$${spentUsd.toFixed(2)} are spent already.`, 'Set the budget to more than that, or cancel the story.')
  return [{ type: BudgetRaised, data: raise }]
}

export function dismiss(story: Story, { findingId, reason }: z.infer<typeof Dismiss>): Saying[] {
  if (!story.findings.some(({ id }) => id === findingId))
    refuse(404, `There is no finding ${findingId} in this story.`, 'Name one by its id.')
  if (findingId in story.dismissed) refuse(409, 'This finding is dismissed already.', 'Nothing is left to do about it.')
  if (reason.trim() === '') refuse(400, 'The reason is empty.', 'Say why the finding does not stand.')
  return [{ type: FindingDismissed, data: { findingId, reason, by } }]
}

export function retry(story: Story, { comment }: z.infer<typeof Retry>): Saying[] {
  const failed = stepsOf(story).some(({ step }) => step.at === 'failed')
  const mended = waitings(story).some(({ kind }) => mendable.includes(kind))
  if (!failed && !mended)
    refuse(
      409,
      'Nothing of this story failed or waits for something mended.',
      'Questions want answers, a spent budget wants to be raised.',
    )
  return [{ type: StoryRetried, data: { ...(comment ? { comment } : {}) } }]
}

export const cancel = (_story: Story, { reason = '' }: z.infer<typeof Cancel>): Saying[] => [
  { type: StoryCancelled, data: { reason } },
]

/** Back to a checkpoint, whatever the story waits for; not while its merge is under way, nor into the person's own hands. */
export function rewind(story: Story, to: z.infer<typeof StoryRewound.data>): Saying[] {
  if (story.steps.build.at === 'idle') refuse(409, 'Nothing has been built yet.', 'Wait for the implementer.')
  if (isLanding(story))
    refuse(409, 'The story is being merged.', 'Wait for the merge, and revert the story if need be.')
  if (story.hold?.why === 'taken')
    refuse(409, 'You have the worktree of this story yourself.', 'Hand it back first, or go back with git.')
  return [{ type: StoryRewound, data: to }]
}
