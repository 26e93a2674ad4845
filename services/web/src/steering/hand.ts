/** What a person may do to a story at work, and when: each checked against the story as it stands. Pure. */
import { RunSteered, StoryAttached, StoryPaused, StoryResumed, StoryTaken } from '@sluice/proto/events.ts'
import type { Artifact } from '@sluice/proto/parts.ts'
import type { Pause, Resume, Steer, Stop, Take } from '@sluice/proto/rest.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import type { z } from 'zod'
import type { Saying } from '../decisions.ts'
import { refuse } from '../refused.ts'

const by = 'person' as const
/** All that is said in a story goes with its requests, which a broker takes up to a size. */
const MOST_TEXT_BYTES = 100_000

/** Who has a request in hand that a model works on. */
export const atWork = (story: Story): { role: string; request: string }[] =>
  stepsOf(story).flatMap(({ role, step }) =>
    step.at === 'asked' && !unspeaking.has(role) ? [{ role, request: step.request }] : [],
  )

/** They ask no model: nobody listens. */
const unspeaking: ReadonlySet<string> = new Set(['checks', 'releaser'])

/** The one that is meant; refuses where several are at work and none is named. */
export function addressee(story: Story, role: string | undefined): { role: string; request: string } | null {
  const all = atWork(story)
  if (role !== undefined) return all.find((one) => one.role === role) ?? null
  const [only, ...more] = all
  if (more.length > 0)
    refuse(
      409,
      `${all.map((one) => one.role).join(', ')} are at work: it is not clear to whom you speak.`,
      'Name one of them as the role.',
    )
  return only ?? null
}

export function steer(story: Story, { text, role }: z.infer<typeof Steer>, attachments: readonly Artifact[]): Saying[] {
  if (text.trim() === '') refuse(400, 'There are no words.', 'Say what is to be done otherwise.')
  if (role !== undefined && !speakers(story).includes(role))
    refuse(400, `Nobody can be spoken to as ${role} in this story.`, `There are: ${speakers(story).join(', ')}.`)
  const said = story.words.reduce((sum, words) => sum + Buffer.byteLength(words.text), Buffer.byteLength(text))
  if (said > MOST_TEXT_BYTES)
    refuse(413, 'More is said in this story than its requests can carry.', 'Attach long material as a file.')
  const to = addressee(story, role)
  const whom = role ?? to?.role
  const data = { text, ...(whom && { role: whom }), ...(to && { run: to.request }), by }
  return [{ type: RunSteered, data: { ...data, ...(attachments.length > 0 && { attachments }) } }]
}

const speakers = (story: Story): string[] => [
  ...['analyst', 'designer', 'architect', 'implementer'],
  ...story.policy.seats.filter((seat) => !unspeaking.has(seat)),
]

export function attach(words: string | undefined, attachments: readonly Artifact[]): Saying[] {
  return [{ type: StoryAttached, data: { attachments, by, ...(words?.trim() && { words: words.trim() }) } }]
}

export function pause(story: Story, { reason }: z.infer<typeof Pause>): Saying[] {
  refuseHeld(story)
  return [{ type: StoryPaused, data: { by, ...(reason && { reason }) } }]
}

export function stop(story: Story, { reason }: z.infer<typeof Stop>): Saying[] {
  refuseHeld(story)
  const busy = stepsOf(story).some(({ step }) => step.at === 'asked')
  if (!busy) refuse(409, 'Nobody works on this story now.', 'Pause it, if nothing is to begin; or cancel it.')
  return [{ type: StoryPaused, data: { now: true, by, ...(reason && { reason }) } }]
}

function refuseHeld({ hold }: Story): void {
  if (hold?.why === 'taken') refuse(409, 'You have its worktree: nothing goes on.', 'Hand it back first.')
  if (hold) refuse(409, `The story is ${hold.why} already.`, 'Resume it when it is to go on.')
}

export function resume({ hold }: Story, _: z.infer<typeof Resume>): Saying[] {
  if (!hold) refuse(409, 'The story is not paused.', 'Look at what it waits for.')
  if (hold.why === 'taken') refuse(409, 'You have its worktree.', 'Hand it back: then it goes on.')
  return [{ type: StoryResumed, data: { by } }]
}

export function take(story: Story, _: z.infer<typeof Take>): Saying[] {
  const { hold, steps } = story
  if (hold?.why === 'taken') refuse(409, 'You have its worktree already.', 'Hand it back when you are done.')
  if (steps.build.at === 'idle')
    refuse(409, 'There is no worktree yet: nothing of this story is being built.', 'Approve its plan first.')
  if (steps.rebase.at !== 'idle' || story.approvals.review)
    refuse(409, 'The story is on its way to the base branch.', 'Wait until it has landed, and submit another.')
  return [{ type: StoryTaken, data: { by } }]
}
