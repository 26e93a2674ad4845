/** What a story is: the fold of its events. Pure, total, and deaf to whoever may not speak. */
import type { EventId, EventOf, Instant } from './event.ts'
import type { Architecture, Build, Design, Event, Release, Review, Scope, StorySubmitted } from './events.ts'
import { maySay } from './events.ts'
import type {
  Artifact,
  Feedback,
  Finding,
  Judged,
  Limits,
  PermissionDecided,
  Policy,
  Rewound,
  Usage,
  Waiting,
} from './parts.ts'
import { carriedBy, type Hold, heardBy, type Spoken, spoken } from './steering.ts'
import { closed, pausedStep, refused, timedOut } from './story/answers.ts'
import { opened } from './story/begin.ts'
import { afterScope, approved, dismissed, heard, rejected } from './story/gates.ts'
import { attached, holdBy, letGo, mendable, returned, takenAway, toldWhoIsStuck } from './story/hand.ts'
import { goesOnAtOnce, resetOf, withLines } from './story/lines.ts'
import { carried, released, rewound } from './story/release.ts'
import { buildAsked, built, judged, seatsAsked } from './story/review.ts'
import { asked, begin, done, failedStep, isPausedFor, resume } from './story/steps.ts'

type Data<E extends { type: string; data: unknown }> = E['data']
export type Submitted = Data<EventOf<typeof StorySubmitted>>
export type ScopeResult = Data<EventOf<typeof Scope.completed>>
export type DesignResult = Data<EventOf<typeof Design.completed>>
export type PlanResult = Data<EventOf<typeof Architecture.completed>>
export type BuildResult = Data<EventOf<typeof Build.completed>>
export type Verdict = Data<EventOf<typeof Review.completed>>
export type ReleaseResult = Data<EventOf<typeof Release.completed>>['result']

/** Where one piece of work stands. `owed` is the only place from which it is asked; `cause` names what made it owed. */
export type Step<R> =
  | { at: 'idle' }
  /** `continues`: a run that was parked and goes on where it stood. */
  | { at: 'owed'; cause: EventId; since: Instant; continues?: EventId }
  | { at: 'asked'; request: EventId; deadline: Instant; since: Instant }
  | { at: 'paused'; request: EventId; waiting: Waiting; since: Instant }
  | { at: 'failed'; request: EventId; reason: string; parked: boolean; since: Instant }
  | { at: 'done'; request: EventId; event: EventId; result: R; since: Instant }

export type Steps = {
  scope: Step<ScopeResult>
  design: Step<DesignResult>
  architecture: Step<PlanResult>
  build: Step<BuildResult>
  rebase: Step<ReleaseResult>
  land: Step<ReleaseResult>
}
export type StepName = keyof Steps

export type Gate = {
  gate: string
  event: EventId
  digest: string
  judged?: Judged | undefined
  unresolved: string[]
  since: Instant
}
export type Approval = { digest: string; by: 'person' | 'policy' | 'auto'; event: EventId; at: Instant }

export type Story = {
  id: string
  projectId: string
  submitted: Submitted & { event: EventId; at: Instant }
  status: 'running' | 'shipped' | 'cancelled'
  policy: Policy
  frozen: EventId | null
  budgetUsd: number
  /** Its lines beside the hard one. */
  limits: Limits
  steps: Steps
  /** A step per required seat, about `judged` and nothing else. */
  seats: Record<string, Step<Verdict>>
  judged: Judged | null
  /** The round at work or last done; rounds completed in all; rounds completed since a person last decided. */
  round: number
  builds: number
  sincePerson: number
  /** The verdict that completed the set: what comes after the review is caused by it. */
  reviewed: EventId | null
  /** What the round at work was asked to mend: a retry asks for the same again. */
  brief: Finding[]
  /** The branch must be rebuilt on this base. */
  onto: { commit: string; conflicts: string[] } | null
  /** The person took the files back: the next round begins with that. */
  rewind: (Rewound & { event: EventId }) | null
  /** What was last handed in and sent back: the next attempt goes on from there. */
  drafts: { scope?: ScopeResult; design?: DesignResult; architecture?: PlanResult }
  /** The sign-offs were carried to the commit that lands; its checks are what is still awaited. */
  landing: boolean
  gate: Gate | null
  approvals: Record<string, Approval>
  answers: { id: string; text: string; answer: string }[]
  /** What a person said that agents may do, with the run that had asked. */
  permissions: (PermissionDecided & { request: EventId })[]
  feedback: Partial<Record<StepName, Feedback[]>>
  /** Every finding of every round, newest round last. */
  findings: Finding[]
  dismissed: Record<string, { reason: string; by: string }>
  resolved: Record<string, true>
  usage: Usage
  usageBy: Record<string, Usage>
  shipped: { commit: string; at: Instant } | null
  /** The commit on the base that took the story back; null again once that one was taken back. */
  reverted: { commit: string; at: Instant } | null
  /** What a person said to whoever works, oldest first. */
  words: readonly Spoken[]
  attachments: readonly Artifact[]
  hold: Hold | null
  /** Runs that were taken from their roles in the middle of their work. */
  stopped: readonly { request: EventId; role: string }[]
  /** The person's own work is to be handed in under these words. */
  handIn: { summary: string } | null
  updated: Instant
  seen: ReadonlySet<EventId>
}

export const emptyStory = null

/** Folds one event in. An event seen before, of a source that may not say it, or that answers nothing open, changes nothing. */
export function evolve(story: Story | null, event: Event): Story | null {
  if (!story) return event.type === 'story.submitted' && maySay(event) ? opened(event) : null
  if (story.seen.has(event.id) || event.storyId !== story.id) return story
  if (!maySay(event, story.policy.seats)) return story

  const next = story.status === 'running' ? change(story, event) : afterwards(story, event)
  return { ...next, seen: new Set([...story.seen, event.id]), updated: event.time }
}

/** A story that has ended is changed by one thing only: that what it shipped is taken back, or put back. */
function afterwards(story: Story, event: Event): Story {
  if (event.type !== 'story.reverted' || story.status !== 'shipped') return story
  const { commit, reverts } = event.data
  return { ...story, reverted: story.reverted?.commit === reverts ? null : { commit, at: event.time } }
}

function change(story: Story, event: Event): Story {
  switch (event.type) {
    case 'policy.frozen':
      return story.frozen
        ? story
        : begin({ ...story, policy: event.data, frozen: event.id }, afterScope(event.data), event)
    case 'scope.requested':
      return asked(story, 'scope', event)
    case 'design.requested':
      return asked(story, 'design', event)
    case 'architecture.requested':
      return asked(story, 'architecture', event)
    case 'build.requested':
      return buildAsked(story, event)
    case 'release.requested':
      return asked(story, event.data.do === 'rebase' ? 'rebase' : 'land', event)
    case 'review.requested':
      return seatsAsked({ ...story, words: carriedBy(story.words, event) }, event.data.seats, {
        request: event.id,
        deadline: event.data.deadline,
        since: event.time,
      })

    case 'scope.completed':
      return done(story, 'scope', event)
    case 'design.completed':
      return done(story, 'design', event)
    case 'architecture.completed':
      return done(story, 'architecture', event)
    case 'build.completed':
      return built(story, event)
    case 'release.completed':
      return released(story, event)
    case 'review.completed':
      return judged(story, event)

    case 'scope.paused':
    case 'design.paused':
    case 'architecture.paused':
    case 'build.paused':
    case 'release.paused':
    case 'review.paused':
      return goesOnAtOnce(closed(story, event, pausedStep(story, event)), event)
    case 'scope.failed':
    case 'design.failed':
    case 'architecture.failed':
    case 'build.failed':
    case 'release.failed':
    case 'review.failed':
      return closed(story, event, failedStep(event.data.request, event.data.reason, event.time, event.data.parked))
    case 'timer.due':
      return timedOut(story, event.data.request, event.time)
    case 'answer.refused':
      return refused(story, event.data, event.time)

    case 'gate.opened':
      return {
        ...story,
        gate: { ...event.data, event: event.id, unresolved: event.data.unresolved ?? [], since: event.time },
      }
    case 'gate.approved':
      return approved(story, event)
    case 'gate.rejected':
      return rejected(story, event)
    case 'finding.dismissed':
      return dismissed(story, event.data)
    case 'question.answered':
      return {
        ...resume(story, event, (s) => isPausedFor(s, 'questions') && s.request === event.data.request),
        answers: [...story.answers, ...event.data.answers],
      }
    case 'permission.answered': {
      const { request, decided } = event.data
      return {
        ...resume(story, event, (s) => isPausedFor(s, 'permission') && s.request === request),
        permissions: [...story.permissions, { ...decided, request }],
      }
    }
    case 'budget.raised':
      return resume(withLines(story, event.data), event, (s) => isPausedFor(s, 'budget'))
    case 'limit.reset': {
      const { request } = event.data
      return resume(story, event, (s) => s.at === 'paused' && s.request === request && resetOf(s.waiting) !== null)
    }
    case 'story.retried':
      return resume(
        toldWhoIsStuck(story, event) ?? heard(story, event, 'retried it'),
        event,
        (s) => s.at === 'failed' || mendable.some((kind) => isPausedFor(s, kind)),
      )
    case 'run.steered':
      return { ...story, words: [...story.words, spoken(event)] }
    case 'run.heard':
      return { ...story, words: heardBy(story.words, event) }
    case 'story.attached':
      return attached(story, event)
    case 'story.paused':
      return story.hold ? story : { ...story, hold: holdBy(event, event.data.now ? 'stopped' : 'paused') }
    case 'story.resumed':
      return story.hold?.why === 'taken' ? story : letGo(story, event)
    case 'run.stopped':
      return takenAway(story, event)
    case 'story.taken':
      return story.hold?.why === 'taken' ? story : { ...story, hold: holdBy(event, 'taken') }
    case 'worktree.lent': {
      const { path, commit, tree } = event.data
      return story.hold?.why === 'taken' ? { ...story, hold: { ...story.hold, lent: { path, commit, tree } } } : story
    }
    case 'worktree.returned':
      return returned(story, event)
    case 'story.rewound':
      return rewound(story, event)
    case 'story.cancelled':
      return { ...story, status: 'cancelled', gate: null }
    case 'signoff.carried':
      return carried(story, event.data.from, event.data.to, event)
    case 'story.shipped':
      return { ...story, status: 'shipped', gate: null, shipped: { commit: event.data.commit, at: event.time } }
    default:
      return story
  }
}
