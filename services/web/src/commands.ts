/** A person's command becomes an event: once for each key, one at a time for each story, answered when it is folded in. */
import { idOf, record } from '@sluice/kit/record.ts'
import type { EventId, EventType } from '@sluice/proto/event.ts'
import {
  BudgetRaised,
  FindingDismissed,
  GateApproved,
  GateRejected,
  PermissionAnswered,
  QuestionAnswered,
  RunSteered,
  StoryAttached,
  StoryCancelled,
  StoryPaused,
  StoryResumed,
  StoryRetried,
  StoryRewound,
  StoryTaken,
} from '@sluice/proto/events.ts'
import {
  AnswerQuestions,
  Approve,
  Attach,
  Cancel,
  Dismiss,
  Pause,
  Permit,
  RaiseBudget,
  Reject,
  Resume,
  Retry,
  Steer,
  Stop,
  Take,
} from '@sluice/proto/rest.ts'
import type { Story } from '@sluice/proto/story.ts'
import type { z } from 'zod'
import type { ArtifactStore } from './artifacts.ts'
import { understood } from './body.ts'
import {
  answer,
  approve,
  budget,
  cancel,
  currentGate,
  dismiss,
  permit,
  reject,
  retry,
  rewind,
  type Saying,
} from './decisions.ts'
import { refuse } from './refused.ts'
import { attachmentsOf } from './steering/attachments.ts'
import { attach, pause, resume, steer, stop, take } from './steering/hand.ts'
import type { Stories } from './stories.ts'
import type { Turns } from './turns.ts'

export type Command = {
  /** What it becomes in the end. */
  type: EventType
  /** Its body. */
  schema: z.ZodObject
  /** What it would become of this body; refuses what cannot be. The last one is the command itself. */
  decide(story: Story, body: unknown, store: ArtifactStore): Saying[] | Promise<Saying[]>
  /** Whether the event changed what it was meant to change: somebody may have been faster. */
  took?(story: Story, event: EventId): boolean
}

const command = <S extends z.ZodObject>(
  type: EventType,
  schema: S,
  decide: (story: Story, body: z.infer<S>, store: ArtifactStore) => Saying[] | Promise<Saying[]>,
  took?: Command['took'],
): Command => ({
  ...{ type, schema, decide: (story, body, store) => decide(story, understood(schema, body), store) },
  ...(took ? { took } : {}),
})

/** By the last part of its address. */
export const storyCommands = {
  approve: command(GateApproved, Approve, approve, ({ approvals }, event) =>
    Object.values(approvals).some((a) => a.event === event),
  ),
  reject: command(GateRejected, Reject, reject, ({ feedback }, event) =>
    Object.values(feedback).some((all) => all.some(({ cause }) => cause === event)),
  ),
  answer: command(QuestionAnswered, AnswerQuestions, answer),
  permit: command(PermissionAnswered, Permit, permit),
  budget: command(BudgetRaised, RaiseBudget, budget),
  dismiss: command(FindingDismissed, Dismiss, dismiss),
  retry: command(StoryRetried, Retry, retry),
  cancel: command(StoryCancelled, Cancel, cancel),
  steer: command(RunSteered, Steer, async (story, asked, store) =>
    steer(story, asked, await attachmentsOf(asked.attachments ?? [], { store, there: attachedTo(story) })),
  ),
  attach: command(StoryAttached, Attach, async (story, { attachments, words }, store) =>
    attach(words, await attachmentsOf(attachments, { store, there: attachedTo(story) })),
  ),
  pause: command(StoryPaused, Pause, pause),
  stop: command(StoryPaused, Stop, stop),
  resume: command(StoryResumed, Resume, resume),
  take: command(StoryTaken, Take, take),
} satisfies Record<string, Command>
/** Completed by what git says before it is decided about: see `forks/routes.ts`. */
const rewindCommand = command(StoryRewound, StoryRewound.data, rewind, (story, event) => story.rewind?.event === event)
const commands = new Map<string, Command>([...Object.entries(storyCommands), ['rewind', rewindCommand]])

export type Commanding = { verb: string; storyId: string; body: unknown; key: string; signal: AbortSignal }

/** Names are one to a story: all of them lie in one directory of a jail. */
const attachedTo = ({ attachments, words }: Story) => [...attachments, ...words.flatMap((one) => one.attachments ?? [])]

export type CommandMeans = {
  stories: Pick<Stories, 'get' | 'record'>
  turns: Turns
  store: ArtifactStore
  now: () => Date
}

export function runCommand({ stories, turns, store, now }: CommandMeans, asked: Commanding): Promise<EventId> {
  const { verb, storyId, body, key, signal } = asked
  const known = () => stories.get(storyId) ?? refuse(404, `There is no story ${storyId}.`, 'Name one of the board.')
  const { type, decide, took } = commands.get(verb) ?? refuse(404, `Nobody can ${verb} a story.`, verbs)
  known()

  return turns(storyId, async () => {
    signal.throwIfAborted()
    const { story, said, card } = known()
    // The same key again: whoever sends it did not hear the answer.
    const id = idOf(null, 'web', type.type, key, storyId)
    if (said.has(id)) return id
    if (!story) refuse(409, `The story is ${card.status} already.`, 'Submit another one.', { current: null })

    const events = (await decide(story, body, store)).map((saying) => {
      const { projectId } = story
      const n = saying.n === undefined ? key : `${key}:${saying.n}`
      return record({
        type: saying.type,
        source: 'web',
        projectId,
        storyId,
        cause: null,
        n,
        data: saying.data,
        now: now(),
      })
    })
    for (const event of events) await stories.record(event)

    const after = stories.get(storyId)?.story
    if (after && took && !took(after, id))
      refuse(
        409,
        'Something else took its place meanwhile.',
        'Look at the story as it stands now, then decide again.',
        {
          current: currentGate(after),
        },
      )
    return id
  })
}

const verbs = `A person can ${[...commands.keys()].join(', ')}.`
