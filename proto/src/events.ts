/** Every event there is. New fields are optional, no event is ever re-meant (ARCHITECTURE, 'Events outlive code'). */
import { z } from 'zod'
import {
  Envelope,
  EventId,
  type EventOf,
  type EventType,
  Instant,
  ObjectId,
  Sha256,
  subjectOf,
  Token,
  Traceparent,
} from './event.ts'
import {
  Artifact,
  By,
  CheckRun,
  Choices,
  DesignBundle,
  Feedback,
  Finding,
  Judged,
  Limits,
  MOST_WORDS,
  Occupant,
  PermissionDecided,
  Policy,
  ProjectConfig,
  QuestionAnswer,
  Requirements,
  Rewound,
  type Severity,
  Task,
  Usage,
  Waiting,
  Words,
} from './parts.ts'
import { Sitting } from './seat.ts'

function defineEvent<T extends string, S extends z.ZodType>(event: EventType<T, S>): EventType<T, S> {
  return event
}

const story = 'story' as const
const person = ['web'] as const
const conductor = ['orchestrator'] as const

// ── what a person says ───────────────────────────────────────────────────────

export const ProjectAttached = defineEvent({
  type: 'project.attached',
  aggregate: 'project',
  from: person,
  about: 'A repository is served.',
  data: z.object({ name: z.string(), root: z.string(), base: z.string(), demo: z.boolean() }),
})

export const ProjectLimited = defineEvent({
  type: 'project.limited',
  aggregate: 'project',
  from: person,
  about: 'How many builds of this project may run at once.',
  data: z.object({ builds: z.int().positive() }),
})

export const SeatFilled = defineEvent({
  type: 'seat.filled',
  aggregate: 'project',
  from: person,
  about: 'Somebody sits in this seat from here on; new stories need its verdict if it is required.',
  data: z.object({ seat: Token, sitting: Sitting, required: z.boolean() }),
})

export const SeatClosed = defineEvent({
  type: 'seat.closed',
  aggregate: 'project',
  from: person,
  about: 'New stories do not ask this seat any more.',
  data: z.object({ seat: Token }),
})

const inherited = <S extends z.ZodRawShape>(shape: S) =>
  z.object({ event: EventId, request: EventId, occupant: Occupant, at: Instant, ...shape })

/** The documents of a fork's parent up to the gate `at`, each with the parent's event that brought it, and the approvals they had there. */
const Inherited = z.object({
  at: Token,
  approvals: z.record(Token, z.object({ digest: Sha256, by: By, event: EventId, at: Instant })),
  answers: z.array(QuestionAnswer),
  scope: inherited({ requirements: Requirements, document: Artifact }),
  design: inherited({ bundle: DesignBundle, document: Artifact }).optional(),
  architecture: inherited({ document: Artifact, tasksDocument: Artifact, tasks: z.array(Task) }).optional(),
  /** Forked at the review gate: what the parent built is where this one begins. */
  build: inherited({
    judged: Judged,
    summary: z.string(),
    files: z.array(z.object({ path: z.string(), additions: z.int(), deletions: z.int() })),
    diff: Artifact,
  }).optional(),
})
export type Inherited = z.infer<typeof Inherited>

export const StorySubmitted = defineEvent({
  type: 'story.submitted',
  aggregate: story,
  from: person,
  about: 'A person asks for something.',
  data: z.object({
    title: z.string().min(1).max(120),
    text: z.string().min(1),
    repository: z.object({ root: z.string(), base: z.string(), commit: ObjectId }),
    config: ProjectConfig,
    policy: Policy,
    budgetUsd: z.number().positive(),
    /** Its lines beside the hard one. */
    limits: Limits.optional(),
    /** Gates are approved by policy, without a person; said on board, trailer and statement. */
    auto: z.boolean().optional(),
    /** What its roles work with, where the person wants it otherwise than configured. */
    choices: Choices.optional(),
    /** Pictures and files that every agent is given. */
    attachments: z.array(Artifact).optional(),
    /** A fork: the story and the event this one continues from. */
    parent: z.object({ storyId: Token, eventId: EventId }).optional(),
    /** A fork: what the parent's gates had let pass, here as approved as there. */
    inherits: Inherited.optional(),
    /** W3C Trace Context of whoever submitted it: its trace and the story's are linked. */
    traceparent: Traceparent.optional(),
  }),
})

export const GateApproved = defineEvent({
  type: 'gate.approved',
  aggregate: story,
  from: person,
  about: 'What was on the screen, named by its digest, may go on.',
  data: z.object({ gate: Token, digest: Sha256, by: By, comment: z.string().optional() }),
})

export const GateRejected = defineEvent({
  type: 'gate.rejected',
  aggregate: story,
  from: person,
  about: 'Sent back with a comment.',
  data: z.object({ gate: Token, digest: Sha256, by: By, comment: z.string().min(1) }),
})

export const FindingDismissed = defineEvent({
  type: 'finding.dismissed',
  aggregate: story,
  from: person,
  about: 'A person decides that a finding does not stand, and says why.',
  data: z.object({ findingId: z.string(), reason: z.string().min(1), by: By }),
})

export const QuestionAnswered = defineEvent({
  type: 'question.answered',
  aggregate: story,
  from: person,
  about: 'A person answers what a role asked.',
  data: z.object({ request: EventId, answers: z.array(QuestionAnswer).min(1) }),
})

export const PermissionAnswered = defineEvent({
  type: 'permission.answered',
  aggregate: story,
  from: person,
  about: 'A person says what an agent may do that had asked, once or for this whole story.',
  data: z.object({ request: EventId, decided: PermissionDecided }),
})

export const BudgetRaised = defineEvent({
  type: 'budget.raised',
  aggregate: story,
  from: person,
  about: 'The hard line of this story in US dollars is moved; `limits` are the other lines that are moved with it.',
  data: z.object({ budgetUsd: z.number().positive(), limits: Limits.optional() }),
})

export const StoryRetried = defineEvent({
  type: 'story.retried',
  aggregate: story,
  from: person,
  about: 'What failed, or waits for something a person has mended, is asked again.',
  data: z.object({ comment: z.string().optional() }),
})

export const StoryRewound = defineEvent({
  type: 'story.rewound',
  aggregate: story,
  from: person,
  about:
    'The files go back to a checkpoint: who works on them is stopped, what was judged is void, and the implementer goes on from there.',
  /** `spent`: what those who are stopped had cost until then, by role. */
  data: Rewound.extend({ spent: z.record(Token, Usage).optional() }),
})

export const StoryCancelled = defineEvent({
  type: 'story.cancelled',
  aggregate: story,
  from: person,
  about: 'A person ends the story; its branch and worktree stay.',
  data: z.object({ reason: z.string() }),
})

export const StoryAttached = defineEvent({
  type: 'story.attached',
  aggregate: story,
  from: person,
  about: 'Pictures and files a person adds to a story; every agent is given them from here on.',
  data: z.object({ attachments: z.array(Artifact).min(1), words: z.string().optional(), by: By }),
})

export const RunSteered = defineEvent({
  type: 'run.steered',
  aggregate: story,
  from: person,
  about: 'A person says something to whoever works: heard before its next turn, or with the next request.',
  data: z.object({
    text: z.string().min(1).max(MOST_WORDS),
    attachments: z.array(Artifact).optional(),
    /** Whom it is for; left out, whoever works next. */
    role: Token.optional(),
    /** The run that was at work when it was said. */
    run: EventId.optional(),
    by: By,
  }),
})

export const RunHeard = defineEvent({
  type: 'run.heard',
  aggregate: story,
  from: person,
  about: 'What a person said is in the journal of the run it names: no kill takes it away any more.',
  data: z.object({ words: EventId, role: Token, request: EventId }),
})

export const StoryPaused = defineEvent({
  type: 'story.paused',
  aggregate: story,
  from: person,
  about: 'Nothing new is asked; who works is parked after what it does now, or at once.',
  data: z.object({ now: z.boolean().optional(), reason: z.string().optional(), by: By }),
})

export const StoryResumed = defineEvent({
  type: 'story.resumed',
  aggregate: story,
  from: person,
  about: 'What was paused or stopped goes on where it stood.',
  data: z.object({ by: By }),
})

export const RunStopped = defineEvent({
  type: 'run.stopped',
  aggregate: story,
  from: person,
  about: 'A run that did not put its tools down by itself is taken from its role; its journal and worktree stay.',
  /** `usage`: what it had cost until then; nobody answers for it any more. */
  data: z.object({ request: EventId, role: Token, reason: z.string().min(1), usage: Usage.optional() }),
})

export const StoryTaken = defineEvent({
  type: 'story.taken',
  aggregate: story,
  from: person,
  about: 'A person wants the worktree for themselves: nothing is asked until they hand it back.',
  data: z.object({ by: By }),
})

export const WorktreeLent = defineEvent({
  type: 'worktree.lent',
  aggregate: story,
  from: person,
  about: 'Nobody works in the worktree any more: the person has it, as it is in this tree.',
  data: z.object({ path: z.string(), branch: z.string(), commit: ObjectId, tree: ObjectId }),
})

export const WorktreeReturned = defineEvent({
  type: 'worktree.returned',
  aggregate: story,
  from: person,
  about: 'The person hands the worktree back; what they changed, git says, and a commit keeps it.',
  data: z.object({
    commit: ObjectId,
    tree: ObjectId,
    files: z.array(z.object({ path: z.string(), additions: z.int(), deletions: z.int() })),
    words: z.string().optional(),
    /** Their work is the build: it is handed in as it is, and no model is asked. */
    done: z.boolean().optional(),
    by: By,
  }),
})

export const MemoryEdited = defineEvent({
  type: 'memory.edited',
  aggregate: 'project',
  from: person,
  about: 'What memory holds is put right by a person; null is what was recorded.',
  data: z.object({
    entry: Token,
    title: z.string().min(1).max(200).nullable().optional(),
    text: z.string().min(1).nullable().optional(),
  }),
})

export const MemoryPinned = defineEvent({
  type: 'memory.pinned',
  aggregate: 'project',
  from: person,
  about: 'An entry of memory comes first where it fits, or does so no longer.',
  data: z.object({ entry: Token, pinned: z.boolean() }),
})

export const MemoryForgotten = defineEvent({
  type: 'memory.forgotten',
  aggregate: 'project',
  from: person,
  about: 'An entry of memory is told to nobody any more, or is told again.',
  data: z.object({ entry: Token, forgotten: z.boolean() }),
})

// ── what the orchestrator decides ────────────────────────────────────────────

export const PolicyFrozen = defineEvent({
  type: 'policy.frozen',
  aggregate: story,
  from: conductor,
  about: 'Path, required seats and rounds of this story, from here on unchangeable.',
  data: Policy.extend({ digest: Sha256 }),
})

export const GateOpened = defineEvent({
  type: 'gate.opened',
  aggregate: story,
  from: conductor,
  about: 'A stage is done and waits for a person. `digest` covers all that is shown.',
  data: z.object({
    gate: Token,
    digest: Sha256,
    judged: Judged.optional(),
    unresolved: z.array(z.string()).optional(),
  }),
})

export const SignoffCarried = defineEvent({
  type: 'signoff.carried',
  aggregate: story,
  from: conductor,
  about: 'A clean rebase kept the patch id: verdicts and approval hold for the new commit, checks excepted.',
  data: z.object({ from: Judged, to: Judged }),
})

export const StoryShipped = defineEvent({
  type: 'story.shipped',
  aggregate: story,
  from: conductor,
  about: 'The story is on the base branch.',
  data: z.object({ commit: ObjectId, approvedBy: By, usage: Usage, rounds: z.int() }),
})

export const StoryReverted = defineEvent({
  type: 'story.reverted',
  aggregate: story,
  from: ['memory'],
  about: 'A commit on the base takes back the story, or takes back the revert that `reverts` names.',
  data: z.object({ commit: ObjectId, reverts: ObjectId }),
})

export const TimerDue = defineEvent({
  type: 'timer.due',
  aggregate: story,
  from: conductor,
  about: 'A deadline passed: the request it names is closed as failed.',
  data: z.object({ request: EventId, deadline: Instant }),
})

export const LimitReset = defineEvent({
  type: 'limit.reset',
  aggregate: story,
  from: conductor,
  about: 'What a parked run waited for was drawn anew: the run is asked again.',
  data: z.object({ request: EventId, resetsAt: Instant }),
})

/** What every request carries. `deadline` is when `timer.due` closes it. */
const Asked = z.object({
  repository: z.object({ root: z.string(), base: z.string(), commit: ObjectId }),
  title: z.string(),
  text: z.string(),
  budgetUsd: z.number().positive(),
  limits: Limits.optional(),
  deadline: Instant,
  answers: z.array(QuestionAnswer),
  feedback: z.array(Feedback),
  /** By role: its run that was parked for answers, money or the account, and goes on where it stood. */
  continues: z.record(Token, EventId).optional(),
  /** What a person said that agents may do: for this story, or for a call that the run parked. */
  permissions: z.array(PermissionDecided).optional(),
  /** By role: what the person chose for this story. */
  choices: Choices.optional(),
  /** By role: what the person said to it, oldest first; it hears each once. */
  steered: z.record(Token, z.array(Words)).optional(),
  attachments: z.array(Artifact).optional(),
})

export const ScopeRequested = defineEvent({
  type: 'scope.requested',
  aggregate: story,
  from: conductor,
  about: 'The analyst is asked for requirements.',
  data: Asked.extend({ previous: Artifact.optional() }),
})

const Approved = z.object({ requirements: Requirements, requirementsDocument: Artifact })

export const DesignRequested = defineEvent({
  type: 'design.requested',
  aggregate: story,
  from: conductor,
  about: 'The designer is asked for a rendered reference.',
  data: Asked.extend({ approved: Approved, previous: DesignBundle.optional(), config: ProjectConfig }),
})

const ApprovedDesign = Approved.extend({ design: DesignBundle })

export const ArchitectureRequested = defineEvent({
  type: 'architecture.requested',
  aggregate: story,
  from: conductor,
  about: 'The architect is asked for a plan and its tasks.',
  data: Asked.extend({
    approved: ApprovedDesign,
    previous: z.object({ document: Artifact, tasks: z.array(Task) }).optional(),
  }),
})

const ApprovedPlan = ApprovedDesign.extend({ architectureDocument: Artifact, tasks: z.array(Task) })

export const BuildRequested = defineEvent({
  type: 'build.requested',
  aggregate: story,
  from: conductor,
  about: 'An implementer is asked for one round of work; `findings` is the last round in one bundle.',
  data: Asked.extend({
    round: z.int().positive(),
    branch: z.string(),
    approved: ApprovedPlan,
    config: ProjectConfig,
    findings: z.array(Finding),
    /** Rebuild on this commit: the branch no longer merges there by itself. */
    onto: z.object({ commit: ObjectId, conflicts: z.array(z.string()) }).optional(),
    task: z.string().optional(),
    /** The worktree is first put to this checkpoint, once for the event that asked for it. */
    rewind: Rewound.extend({ event: EventId }).optional(),
    /** A person did the work themselves: what the worktree holds is handed in under these words. */
    handIn: z.object({ summary: z.string().min(1) }).optional(),
  }),
})

export const ReviewRequested = defineEvent({
  type: 'review.requested',
  aggregate: story,
  from: conductor,
  about: 'The seats named must answer for exactly this commit; others are heard, not counted.',
  data: Asked.extend({
    seats: z.array(Token).min(1),
    round: z.int().positive(),
    judged: Judged,
    approved: ApprovedPlan,
    config: ProjectConfig,
    /** Findings of earlier rounds: each is to be called resolved or not. */
    earlier: z.array(Finding),
    /** The tree that lands: only the checks are asked. */
    landing: z.boolean().optional(),
  }),
})

export const ReleaseRequested = defineEvent({
  type: 'release.requested',
  aggregate: story,
  from: conductor,
  about: 'The releaser rebases the approved commit, or lands the tree that passed.',
  data: z.discriminatedUnion('do', [
    Asked.extend({ do: z.literal('rebase'), approved: Judged, branch: z.string(), trailers: z.array(z.string()) }),
    Asked.extend({ do: z.literal('land'), approved: Judged, branch: z.string(), config: ProjectConfig }),
  ]),
})

export const AnswerRefused = defineEvent({
  type: 'answer.refused',
  aggregate: story,
  from: conductor,
  about:
    'What was answered to a request cannot be read: the request is closed as failed, and the story asks the person.',
  data: z.object({ request: EventId, role: Token, sequence: z.int(), reason: z.string().min(1) }),
})

// ── what roles answer ────────────────────────────────────────────────────────

/** What every answer carries: the request it closes, the attempt that says so, who worked, what it cost. */
const Answered = z.object({ request: EventId, attempt: z.int().nonnegative(), occupant: Occupant, usage: Usage })

/** The three answers of a role: `<noun>.completed`, `<noun>.paused`, `<noun>.failed`. */
function answersOf<N extends string, S extends z.ZodRawShape>(noun: N, from: readonly string[], shape: S) {
  return {
    completed: defineEvent({
      type: `${noun}.completed` as const,
      aggregate: story,
      from,
      about: `The ${noun} that was asked for is there.`,
      data: Answered.extend(shape),
    }),
    paused: defineEvent({
      type: `${noun}.paused` as const,
      aggregate: story,
      from,
      about: `The ${noun} run is parked; its journal and worktree stay.`,
      data: Answered.extend({ waiting: Waiting }),
    }),
    failed: defineEvent({
      type: `${noun}.failed` as const,
      aggregate: story,
      from,
      about: `The ${noun} cannot be done this way; the story asks the person.`,
      data: Answered.extend({ reason: z.string().min(1), parked: z.boolean().optional() }),
    }),
  }
}

export const Scope = answersOf('scope', ['analyst'], { requirements: Requirements, document: Artifact })
export const Design = answersOf('design', ['designer'], { bundle: DesignBundle, document: Artifact })
export const Architecture = answersOf('architecture', ['architect'], {
  document: Artifact,
  tasksDocument: Artifact,
  tasks: z.array(Task).min(1),
})
export const Build = answersOf('build', ['implementer'], {
  judged: Judged,
  summary: z.string(),
  files: z.array(z.object({ path: z.string(), additions: z.int(), deletions: z.int() })),
  diff: Artifact,
  recording: Artifact.optional(),
  /** The design bundle whose pictures the model was sent. */
  designDigest: Sha256.optional(),
})
export const Review = answersOf('review', ['seat'], {
  seat: Token,
  verdict: z.enum(['approve', 'reject']),
  judged: Judged,
  findings: z.array(Finding),
  earlier: z.array(z.object({ findingId: z.string(), resolved: z.boolean(), note: z.string() })),
  summary: z.string(),
  checks: z.array(CheckRun).optional(),
})
export const Release = answersOf('release', ['releaser'], {
  result: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('rebased'), judged: Judged }),
    z.object({ kind: z.literal('conflict'), onto: ObjectId, files: z.array(z.string()) }),
    z.object({ kind: z.literal('landed'), commit: ObjectId, tree: ObjectId }),
    z.object({ kind: z.literal('moved'), base: ObjectId }),
  ]),
})

export const MergeStarted = defineEvent({
  type: 'merge.started',
  aggregate: story,
  from: ['releaser'],
  about: 'The base branch is about to move by compare-and-swap.',
  data: z.object({ request: EventId, branch: z.string(), from: ObjectId, to: ObjectId }),
})
export const MergeCompleted = defineEvent({
  type: 'merge.completed',
  aggregate: story,
  from: ['releaser'],
  about: 'The base branch points at the story.',
  data: z.object({ request: EventId, branch: z.string(), from: ObjectId, to: ObjectId }),
})

export const MessageParked = defineEvent({
  type: 'message.parked',
  aggregate: story,
  from: ['analyst', 'designer', 'architect', 'implementer', 'releaser', 'seat'],
  about: 'A message nobody can read: kept with its reason, can be sent again; the consumer went on.',
  data: z.object({ stream: z.string(), sequence: z.int(), subject: z.string(), reason: z.string() }),
})

// ── what web keeps of a story that has ended ─────────────────────────────────

export const RunPacked = defineEvent({
  type: 'run.packed',
  aggregate: story,
  from: ['web'],
  about: 'Journals of runs that have ended are kept in one artifact, entry by entry; later they leave the stream RUN.',
  data: z.object({
    /** JSONL, gzipped: one entry a line, as it lay on RUN (`kit/src/run-pack.ts`). */
    pack: Artifact,
    /** What of RUN it holds: everything of this source and run up to `last`, a sequence of RUN. */
    runs: z
      .array(z.object({ source: Token, runId: Token, entries: z.int().positive(), last: z.int().positive() }))
      .min(1),
    /** Terminals of these runs, those of attempts that failed, parked or died among them. */
    recordings: z.array(z.object({ source: Token, runId: Token, recording: Artifact })),
  }),
})

export const WorktreeSecured = defineEvent({
  type: 'worktree.secured',
  aggregate: story,
  from: ['web'],
  about: 'All that the worktree of an ended story holds is kept elsewhere: it is taken away.',
  data: z.object({
    path: z.string(),
    /** What it held that git does not ignore. */
    tree: ObjectId,
    /** Every file of `tree` can be reached from one of these; `sluice gc` keeps them. */
    kept: z.array(z.object({ ref: z.string(), commit: ObjectId })),
    /** What git ignores and set-up did not make; null where there was nothing. */
    archived: z
      .object({ path: z.string(), sha256: Sha256, bytes: z.int().nonnegative(), files: z.int().positive() })
      .nullable(),
  }),
})

export const eventTypes = [
  ProjectAttached,
  ProjectLimited,
  SeatFilled,
  SeatClosed,
  StorySubmitted,
  GateApproved,
  GateRejected,
  FindingDismissed,
  QuestionAnswered,
  PermissionAnswered,
  BudgetRaised,
  StoryRetried,
  StoryRewound,
  StoryCancelled,
  StoryAttached,
  RunSteered,
  RunHeard,
  StoryPaused,
  StoryResumed,
  RunStopped,
  StoryTaken,
  WorktreeLent,
  WorktreeReturned,
  MemoryEdited,
  MemoryPinned,
  MemoryForgotten,
  PolicyFrozen,
  GateOpened,
  SignoffCarried,
  StoryShipped,
  StoryReverted,
  TimerDue,
  LimitReset,
  ScopeRequested,
  DesignRequested,
  ArchitectureRequested,
  BuildRequested,
  ReviewRequested,
  ReleaseRequested,
  AnswerRefused,
  Scope.completed,
  Scope.paused,
  Scope.failed,
  Design.completed,
  Design.paused,
  Design.failed,
  Architecture.completed,
  Architecture.paused,
  Architecture.failed,
  Build.completed,
  Build.paused,
  Build.failed,
  Review.completed,
  Review.paused,
  Review.failed,
  Release.completed,
  Release.paused,
  Release.failed,
  MergeStarted,
  MergeCompleted,
  MessageParked,
  RunPacked,
  WorktreeSecured,
] as const

/** Any event, told apart by `type`. */
export type Event = EventOf<(typeof eventTypes)[number]>
export type EventName = Event['type']
export type { Severity }

const byType = new Map<string, EventType>(eventTypes.map((e) => [e.type, e]))

export const eventTypeOf = (type: string): EventType | undefined => byType.get(type)

/** What came over the bus: an event, one of a type this version does not know, or nothing readable. */
export type Parsed =
  | { kind: 'event'; event: Event }
  | { kind: 'unknown'; type: string }
  | { kind: 'unreadable'; reason: string }

/**
 * Reads one message of STORY. A source that its subject does not name is unreadable: the broker vouches for
 * the subject's last token, nobody vouches for the body.
 */
export function parseEvent(subject: string, body: unknown): Parsed {
  const envelope = Envelope.safeParse(body)
  if (!envelope.success) return { kind: 'unreadable', reason: z.prettifyError(envelope.error) }
  if (subjectOf(envelope.data) !== subject)
    return {
      kind: 'unreadable',
      reason: `The subject ${subject} does not say what the envelope says: ${subjectOf(envelope.data)}.`,
    }

  const type = byType.get(envelope.data.type)
  if (!type) return { kind: 'unknown', type: envelope.data.type }
  const data = type.data.safeParse(envelope.data.data)
  if (!data.success) return { kind: 'unreadable', reason: z.prettifyError(data.error) }
  // The schema of `type` parsed `data`: the pair is one of the union's members.
  return { kind: 'event', event: { ...envelope.data, data: data.data } as Event }
}

/** May this source say this? A reviewer's seat is not known by name here: the policy of the story names its seats. */
export function maySay(event: Pick<Event, 'type' | 'source'>, seats: readonly string[] = []): boolean {
  const from = byType.get(event.type)?.from ?? []
  return from.includes(event.source) || (from.includes('seat') && seats.includes(event.source))
}
