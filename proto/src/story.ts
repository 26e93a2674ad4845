/** What a story is: the fold of its events. Pure, total, and deaf to whoever may not speak. */
import type { EventId, EventOf, Instant } from './event.ts'
import type { Architecture, Build, Design, Event, Release, Review, Scope, StorySubmitted } from './events.ts'
import { maySay } from './events.ts'
import {
  type Artifact,
  addUsage,
  type Feedback,
  type Finding,
  type Judged,
  type Limits,
  noUsage,
  type PermissionDecided,
  type Policy,
  type Rewound,
  type Usage,
  type Waiting,
  type Words,
} from './parts.ts'
import { checksSeat, type Stage } from './pipeline.ts'
import {
  attachedText,
  carriedBy,
  type Hold,
  heardBy,
  returnedText,
  rewoundText,
  type Spoken,
  spoken,
} from './steering.ts'

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
  /** What was last handed in and sent back: the next attempt goes on from there. */
  /** The person took the files back: the next round begins with that. */
  rewind: (Rewound & { event: EventId }) | null
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

/** A fork begins after the gate it was made at, with what had passed there. */
function opened(event: EventOf<typeof StorySubmitted>): Story {
  const story = begun(event)
  const { inherits } = event.data
  if (!inherits) return story
  const { approvals, answers, scope, design, architecture, build } = inherits
  const known = { scope, ...(design && { design }), ...(architecture && { architecture }), ...(build && { build }) }
  const steps = Object.fromEntries(Object.entries(known).map(([name, result]) => [name, inheritedStep(result)]))
  // What was spent for them is the parent's; so is the freezing of its policy.
  const after = { ...story, frozen: event.id, approvals, answers, steps: { ...story.steps, ...steps } }
  if (build) return judgeAnew({ ...after, builds: 1, round: 1 }, build.judged, event)
  return begin(after, stepAfter(story.policy, inherits.at as Stage), event)
}

function inheritedStep({ event, request, at, ...result }: { event: EventId; request: EventId; at: Instant }) {
  return { at: 'done', request, event, since: at, result: { ...result, request, attempt: 0, usage: noUsage } } as const
}

function begun(event: EventOf<typeof StorySubmitted>): Story {
  const idle = { at: 'idle' } as const
  return {
    id: event.storyId ?? '',
    projectId: event.projectId,
    submitted: { ...event.data, event: event.id, at: event.time },
    status: 'running',
    policy: event.data.policy,
    frozen: null,
    budgetUsd: event.data.budgetUsd,
    limits: event.data.limits ?? {},
    steps: { scope: owed(event), design: idle, architecture: idle, build: idle, rebase: idle, land: idle },
    seats: {},
    judged: null,
    round: 0,
    builds: 0,
    sincePerson: 0,
    reviewed: null,
    brief: [],
    onto: null,
    rewind: null,
    drafts: {},
    landing: false,
    gate: null,
    approvals: {},
    answers: [],
    permissions: [],
    feedback: {},
    findings: [],
    dismissed: {},
    resolved: {},
    usage: noUsage,
    usageBy: {},
    shipped: null,
    reverted: null,
    words: [],
    attachments: event.data.attachments ?? [],
    hold: null,
    stopped: [],
    handIn: null,
    updated: event.time,
    seen: new Set([event.id]),
  }
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

// ── steps ────────────────────────────────────────────────────────────────────

const owed = (event: Pick<Event, 'id' | 'time'>) => ({ at: 'owed', cause: event.id, since: event.time }) as const

const failedStep = (request: EventId, reason: string, since: Instant, parked = false) =>
  ({ at: 'failed', request, reason, parked, since }) as const

const isPausedFor = (step: Step<unknown>, kind: Waiting['kind']): step is Extract<Step<unknown>, { at: 'paused' }> =>
  step.at === 'paused' && step.waiting.kind === kind

/** A person may say that it goes on: what it waited for is mended, or was never in the way. */
export const mendable: readonly Waiting['kind'][] = ['account', 'checkout', 'limit', 'stuck']

/** A word beside the retry breaks the circle only if it is said in the very conversation that goes round. */
function toldWhoIsStuck(story: Story, event: Event & { data: { comment?: string | undefined } }): Story | null {
  const { comment } = event.data
  const stuck = stepsOf(story).find(({ step }) => isPausedFor(step, 'stuck'))
  if (!comment || !stuck) return null
  const words = { id: event.id, at: event.time, text: comment, role: stuck.role, heard: null }
  return { ...story, words: [...story.words, words] }
}

/** When what a run waits for is drawn anew by itself; null if only a person can set it going again. */
export function resetOf(waiting: Waiting): Instant | null {
  if (waiting.kind === 'limit') return waiting.wake ? waiting.resetsAt : null
  return waiting.kind === 'budget' ? (waiting.resetsAt ?? null) : null
}

/** Lines that are not named stay; the soft one keeps its share of the hard one. */
function withLines(story: Story, { budgetUsd, limits }: { budgetUsd: number; limits?: Limits | undefined }): Story {
  const { softUsd } = story.limits
  const share = softUsd === undefined ? {} : { softUsd: (softUsd / story.budgetUsd) * budgetUsd }
  const roles = { ...story.limits.roles, ...limits?.roles }
  const stages = { ...story.limits.stages, ...limits?.stages }
  const kept = { ...story.limits, ...share, ...limits }
  const named = { ...(Object.keys(roles).length ? { roles } : {}), ...(Object.keys(stages).length ? { stages } : {}) }
  return { ...story, budgetUsd, limits: { ...kept, ...named } }
}

/** Where the line that stopped a run lies now. */
export function lineNow(
  { budgetUsd, limits }: Pick<Story, 'budgetUsd' | 'limits'>,
  { line = 'hard', of = '' }: Extract<Waiting, { kind: 'budget' }>,
): number {
  if (line === 'hard') return budgetUsd
  const at = { soft: limits.softUsd, day: limits.dayUsd, tokens: limits.tokens }
  const named = { role: limits.roles, stage: limits.stages }
  return (line === 'role' || line === 'stage' ? named[line]?.[of] : at[line]) ?? Number.POSITIVE_INFINITY
}

/** The line was moved while the run still worked by the old one: nobody has to be asked again. */
function goesOnAtOnce(story: Story, event: Event): Story {
  return resume(story, event, (s) => {
    if (s.at !== 'paused' || s.waiting.kind !== 'budget') return false
    return lineNow(story, s.waiting) > (s.waiting.at ?? s.waiting.budgetUsd)
  })
}

function setStep<N extends StepName>(story: Story, name: N, step: Steps[N]): Story {
  return { ...story, steps: { ...story.steps, [name]: step } }
}

const begin = (story: Story, name: StepName, event: Event): Story => setStep(story, name, owed(event))

/** A round follows a finished build when the review sends it back; landing follows the checks of the landing tree. */
const askable: Record<StepName, readonly Step<unknown>['at'][]> = {
  scope: ['owed'],
  design: ['owed'],
  architecture: ['owed'],
  build: ['owed', 'done'],
  rebase: ['owed'],
  land: ['owed', 'idle'],
}

function asked(
  story: Story,
  name: StepName,
  event: Event & { data: { deadline: Instant; steered?: Record<string, Words[]> | undefined } },
): Story {
  if (!askable[name].includes(story.steps[name].at)) return story
  return setStep({ ...story, words: carriedBy(story.words, event) }, name, {
    at: 'asked',
    request: event.id,
    deadline: event.data.deadline,
    since: event.time,
  })
}

function done(
  story: Story,
  name: 'scope' | 'design' | 'architecture',
  event: Event & { data: { request: EventId; usage: Usage } },
): Story {
  const step = story.steps[name]
  if (step.at !== 'asked' || step.request !== event.data.request) return story
  const result = { at: 'done', request: step.request, event: event.id, result: event.data, since: event.time }
  // The caller's switch pairs the step's name with its own event type.
  return spent(setStep(story, name, result as Steps[typeof name]), event)
}

const spent = (story: Story, { source, data }: Event & { data: { usage: Usage } }): Story =>
  spentBy(story, source, data.usage)

function spentBy(story: Story, role: string, usage: Usage): Story {
  const by = story.usageBy[role] ?? noUsage
  return {
    ...story,
    usage: addUsage(story.usage, usage),
    usageBy: { ...story.usageBy, [role]: addUsage(by, usage) },
  }
}

/** Pauses and fails: whichever step or seat has this request open. */
function closed(story: Story, event: Event & { data: { request: EventId; usage: Usage } }, step: Step<never>): Story {
  const seat = story.seats[event.source]
  if (seat?.at === 'asked' && seat.request === event.data.request)
    return spent({ ...story, seats: { ...story.seats, [event.source]: step } }, event)
  if (seat?.at === 'asked' && !story.seen.has(event.data.request)) return failSeat(story, event, seat, NO_SUCH_REQUEST)

  const name = stepAsking(story, event.data.request)
  const mine = name && event.type.startsWith(nounOf(name))
  return mine ? spent(setStep(story, name, step), event) : story
}

const stepNames: readonly StepName[] = ['scope', 'design', 'architecture', 'build', 'rebase', 'land']
const nounOf = (name: StepName) => (name === 'rebase' || name === 'land' ? 'release.' : `${name}.`)

function stepAsking(story: Story, request: EventId): StepName | undefined {
  return stepNames.find((name) => {
    const step = story.steps[name]
    return step.at === 'asked' && step.request === request
  })
}

function timedOut(story: Story, request: EventId, at: Instant): Story {
  const late = failedStep(request, 'No answer before the deadline.', at)
  const seats = mapSeats(story, (seat) => (seat.at === 'asked' && seat.request === request ? late : seat))
  const name = stepAsking(story, request)
  return name ? setStep({ ...story, seats }, name, late) : { ...story, seats }
}

/** What this role said to this request cannot be read: nobody waits for the deadline. */
function refused(story: Story, said: { request: EventId; role: string; reason: string }, at: Instant): Story {
  const step = failedStep(said.request, said.reason, at)
  const seat = story.seats[said.role]
  if (seat?.at === 'asked' && seat.request === said.request)
    return { ...story, seats: { ...story.seats, [said.role]: step } }
  const name = stepAsking(story, said.request)
  return name && roles[name] === said.role ? setStep(story, name, step) : story
}

function resume(story: Story, event: Event, is: (step: Step<unknown> & { request?: EventId }) => boolean): Story {
  const again = <R>(step: Step<R>): Step<R> => {
    if (!is(step)) return step
    const goesOn = step.at === 'paused' && step.waiting.kind !== 'checkout'
    return { ...owed(event), ...(goesOn ? { continues: step.request } : {}) }
  }
  const { scope, design, architecture, build, rebase, land } = story.steps
  const steps = {
    scope: again(scope),
    design: again(design),
    architecture: again(architecture),
    build: again(build),
    rebase: again(rebase),
    land: again(land),
  }
  return { ...story, steps, seats: mapSeats(story, again) }
}

// ── a person's hand ──────────────────────────────────────────────────────────

const holdBy = (event: Pick<Event, 'id' | 'time'>, why: Hold['why']): Hold => ({
  ...{ why, event: event.id, since: event.time, lent: null },
})

/** Who was told to park, and has parked after the person had already let go, goes on at once. */
function pausedStep(story: Story, event: Event & { data: { request: EventId; waiting: Waiting } }): Step<never> {
  const { request, waiting } = event.data
  return waiting.kind === 'person' && !story.hold
    ? { ...owed(event), continues: request }
    : { at: 'paused', request, waiting, since: event.time }
}

const letGo = (story: Story, event: Event): Story =>
  resume({ ...story, hold: null }, event, (step) => isPausedFor(step, 'person'))

/** As if it had parked itself: what it did stays, and whoever goes on does so from its journal. */
function takenAway(story: Story, event: Event & { type: 'run.stopped' }): Story {
  const { request, role } = event.data
  const waiting = { kind: 'person', why: story.hold?.why ?? 'stopped' } as const
  const step = pausedStep(story, { ...event, data: { ...event.data, waiting } } as never)
  const paid = spentBy(story, role, event.data.usage ?? noUsage)
  const away = { ...paid, stopped: [...story.stopped, { request, role }] }
  const seat = story.seats[role]
  if (seat?.at === 'asked' && seat.request === request)
    return { ...away, seats: { ...story.seats, [role]: step as Step<Verdict> } }
  const name = stepAsking(story, request)
  return name && roles[name] === role ? setStep(away, name, step) : story
}

function attached(story: Story, event: Event & { type: 'story.attached' }): Story {
  const { attachments, words } = event.data
  const said = { ...event, data: { text: attachedText(attachments, words), attachments, by: event.data.by } }
  return { ...story, attachments: [...story.attachments, ...attachments], words: [...story.words, spoken(said)] }
}

/** What was parked goes on and is told what the person did; what was finished or had failed is begun again where they did something. */
function returned(story: Story, event: Event & { type: 'worktree.returned' }): Story {
  if (story.hold?.why !== 'taken') return story
  const { files, words, done, by } = event.data
  const freed = letGo(story, event)
  if (done) {
    const handIn = { summary: words ?? 'Done by hand.' }
    return begin({ ...freed, gate: null, handIn }, 'build', event)
  }
  const { build } = story.steps
  if (build.at === 'done' && files.length === 0 && !words) return freed
  const text = returnedText(event.data)
  const told = { ...freed, words: [...freed.words, spoken({ ...event, data: { text, role: roles.build, by } })] }
  return build.at === 'done' || build.at === 'failed'
    ? begin({ ...told, gate: null, sincePerson: 0 }, 'build', event)
    : told
}

// ── gates ────────────────────────────────────────────────────────────────────

const stageSteps: Partial<Record<string, StepName>> = {
  scope: 'scope',
  design: 'design',
  architecture: 'architecture',
  implementation: 'build',
}

/** The step that follows a stage on this story's path. */
function stepAfter(policy: Policy, stage: Stage): StepName {
  const next = policy.path[policy.path.indexOf(stage) + 1]
  const step = next === undefined ? undefined : stageSteps[next]
  if (!step) throw new Error(`The path ${policy.path.join(' → ')} does not say what follows ${stage}.`)
  return step
}

const afterScope = (policy: Policy): StepName => stepAfter(policy, 'scope')

function approved(story: Story, event: Event & { type: 'gate.approved' }): Story {
  const { gate } = story
  if (!gate || gate.gate !== event.data.gate || gate.digest !== event.data.digest) return story
  if (gate.gate === 'review' && blockingFindings(story).length > 0) return story

  const approval = { digest: gate.digest, by: event.data.by, event: event.id, at: event.time }
  const approvals = { ...story.approvals, [gate.gate]: approval }
  const open = { ...heard(story, event, `approved ${gate.gate}`), gate: null, approvals }
  if (gate.gate === 'review') return begin({ ...open, sincePerson: 0 }, 'rebase', event)
  // After scope comes `policy.frozen`, which begins the next stage.
  return gate.gate === 'scope' ? open : begin(open, stepAfter(story.policy, gate.gate as Stage), event)
}

/** What a person says beside a decision is for whoever works next, as if they had been asked. */
function heard(story: Story, event: Event & { data: { comment?: string | undefined } }, when: string): Story {
  const { comment } = event.data
  if (!comment) return story
  const said = { id: event.id, text: `What did you say when you ${when}?`, answer: comment }
  return { ...story, answers: [...story.answers, said] }
}

function rejected(story: Story, event: Event & { type: 'gate.rejected' }): Story {
  const { gate } = story
  if (!gate || gate.gate !== event.data.gate || gate.digest !== event.data.digest) return story

  const name = gate.gate === 'review' ? 'build' : (gate.gate as StepName)
  const feedback = [...(story.feedback[name] ?? []), { comment: event.data.comment, at: event.time, cause: event.id }]
  const back = {
    ...story,
    gate: null,
    sincePerson: 0,
    drafts: draftsOf(story),
    feedback: { ...story.feedback, [name]: feedback },
  }
  return begin(back, name, event)
}

function draftsOf(story: Story): Story['drafts'] {
  const { scope, design, architecture } = story.steps
  return {
    ...story.drafts,
    ...(scope.at === 'done' ? { scope: scope.result } : {}),
    ...(design.at === 'done' ? { design: design.result } : {}),
    ...(architecture.at === 'done' ? { architecture: architecture.result } : {}),
  }
}

function dismissed(story: Story, data: { findingId: string; reason: string; by: string }): Story {
  const finding = story.findings.find((f) => f.id === data.findingId)
  if (!finding || (finding.personOnly && data.by !== 'person')) return story
  return { ...story, dismissed: { ...story.dismissed, [finding.id]: { reason: data.reason, by: data.by } } }
}

/** Whoever works on the files is stopped, and what was said of them is void; the round before is gone on with. */
function rewound(story: Story, event: Event & { type: 'story.rewound' }): Story {
  const { build } = story.steps
  if (build.at === 'idle' || isLanding(story)) return story
  const last = build.at === 'owed' ? build.continues : build.request
  const { review: _, ...approvals } = story.approvals
  const idle = { at: 'idle' } as const
  const { spent: costs = {}, ...to } = event.data
  const paid = Object.entries(costs).reduce((sum, [role, usage]) => spentBy(sum, role, usage), story)
  return {
    ...paid,
    ...{ gate: null, approvals, seats: {}, judged: null, reviewed: null, landing: false, sincePerson: 0 },
    // What stood in the way is still what this round has to mend.
    brief: [...story.brief, ...blockingFindings(story)],
    rewind: { ...to, event: event.id },
    stopped: [...story.stopped, ...openRequests(story).map(({ role, request }) => ({ role, request }))],
    words: [
      ...story.words,
      spoken({ ...event, data: { text: rewoundText(event.data), role: roles.build, by: 'person' } }),
    ],
    steps: {
      ...story.steps,
      build: { ...owed(event), ...(last ? { continues: last } : {}) },
      rebase: idle,
      land: idle,
    },
  }
}

/** The merge is under way: what lands is not taken back in its middle. */
export const isLanding = ({ steps: { rebase, land } }: Story): boolean =>
  [rebase, land].some(({ at }) => at === 'owed' || at === 'asked')

// ── build, review, release ───────────────────────────────────────────────────

/** A new round voids what was said of the last one. */
function buildAsked(story: Story, event: Event & { type: 'build.requested' }): Story {
  const next = asked(story, 'build', event)
  if (next === story) return story
  const { review: _, ...approvals } = story.approvals
  const idle = { at: 'idle' } as const
  return {
    ...next,
    round: event.data.round,
    brief: event.data.findings,
    onto: event.data.onto ?? null,
    approvals,
    gate: null,
    seats: {},
    judged: null,
    reviewed: null,
    landing: false,
    steps: { ...next.steps, rebase: idle, land: idle },
  }
}

function built(story: Story, event: Event & { type: 'build.completed' }): Story {
  const step = story.steps.build
  if (step.at !== 'asked' || step.request !== event.data.request) return story
  const result = { at: 'done', request: step.request, event: event.id, result: event.data, since: event.time } as const
  const counted = {
    ...story,
    builds: story.builds + 1,
    sincePerson: story.sincePerson + 1,
    brief: [],
    onto: null,
    handIn: null,
    rewind: null,
  }
  return spent(judgeAnew(setStep(counted, 'build', result), event.data.judged, event), event)
}

/** All seats are owed a look at this commit; nothing said before counts for it. */
function judgeAnew(story: Story, commit: Judged, event: Event): Story {
  const seats = Object.fromEntries(story.policy.seats.map((seat) => [seat, owed(event)]))
  return { ...story, judged: commit, seats, reviewed: null, landing: false }
}

function seatsAsked(
  story: Story,
  names: string[],
  open: { request: EventId; deadline: Instant; since: Instant },
): Story {
  const ask = (seat: Step<Verdict>, name: string): Step<Verdict> =>
    names.includes(name) && seat.at === 'owed' ? { at: 'asked', ...open } : seat
  return { ...story, seats: mapSeats(story, ask) }
}

function judged(story: Story, event: Event & { type: 'review.completed' }): Story {
  const seat = story.seats[event.source]
  if (seat?.at !== 'asked') return story
  // A late answer to what was asked before changes nothing; one to what was never asked is an answer gone wrong.
  if (seat.request !== event.data.request && story.seen.has(event.data.request)) return story
  const problem = problemOf(event, seat.request, story.judged)
  if (problem) return failSeat(story, event, seat, problem)

  const step: Step<Verdict> = {
    ...{ at: 'done', request: seat.request, event: event.id, result: event.data, since: event.time },
  }
  const next = spent({ ...story, seats: { ...story.seats, [event.source]: step } }, event)
  const last = Object.values(next.seats).every((s) => s.at === 'done')
  return withFindings(last ? { ...next, reviewed: event.id } : next, event.data)
}

function failSeat(
  story: Story,
  event: Event & { data: { usage: Usage } },
  { request }: { request: EventId },
  problem: string,
): Story {
  return spent({ ...story, seats: { ...story.seats, [event.source]: failedStep(request, problem, event.time) } }, event)
}

const NO_SUCH_REQUEST = 'The answer names a request that this story never made.'

/** Why a verdict cannot count, if it cannot. */
function problemOf(
  { data: verdict, source }: Pick<Event & { type: 'review.completed' }, 'data' | 'source'>,
  request: EventId,
  asked: Judged | null,
): string | null {
  if (verdict.request !== request) return NO_SUCH_REQUEST
  if (verdict.seat !== source) return `The verdict of ${source} is signed as ${verdict.seat}.`
  if (!isSame(verdict.judged, asked)) return 'The verdict names another commit than the one that was to be judged.'
  const blocks = verdict.findings.some((f) => f.blocking)
  if (verdict.verdict === 'reject' && !blocks) return 'The verdict rejects without a blocking finding.'
  if (verdict.verdict === 'approve' && blocks) return 'The verdict approves over a blocking finding of its own.'
  return null
}

function withFindings(story: Story, verdict: Verdict): Story {
  const known = new Set(story.findings.map((f) => f.id))
  const resolved = Object.fromEntries(
    verdict.earlier.filter((e) => e.resolved).map((e) => [e.findingId, true as const]),
  )
  return {
    ...story,
    findings: [...story.findings, ...verdict.findings.filter((f) => !known.has(f.id))],
    resolved: { ...story.resolved, ...resolved },
  }
}

export const isSame = (a: Judged | null, b: Judged | null): boolean =>
  a !== null && b !== null && a.base === b.base && a.commit === b.commit && a.tree === b.tree && a.patchId === b.patchId

function released(story: Story, event: Event & { type: 'release.completed' }): Story {
  const name = stepAsking(story, event.data.request)
  if (name !== 'rebase' && name !== 'land') return story
  const { result } = event.data
  const step = { at: 'done', request: event.data.request, event: event.id, result, since: event.time } as const
  return spent(afterRelease(setStep(story, name, step), result, event), event)
}

function afterRelease(story: Story, result: ReleaseResult, event: Event): Story {
  if (result.kind === 'moved')
    return setStep(begin({ ...story, landing: false }, 'rebase', event), 'land', { at: 'idle' })
  if (result.kind === 'conflict')
    return begin({ ...story, onto: { commit: result.onto, conflicts: result.files } }, 'build', event)
  // Another patch than the one that was signed and approved: all of it is judged again.
  if (result.kind === 'rebased' && result.judged.patchId !== story.judged?.patchId) {
    const { review: _, ...approvals } = story.approvals
    return judgeAnew({ ...story, approvals }, result.judged, event)
  }
  return story
}

/** The verdicts now name the rebased commit; the checks alone are asked again, on the very tree that lands. */
function carried(story: Story, from: Judged, to: Judged, event: Event): Story {
  if (!isSame(from, story.judged) || from.patchId !== to.patchId) return story
  const carry = (seat: Step<Verdict>, name: string): Step<Verdict> =>
    name === checksSeat || seat.at !== 'done' ? owed(event) : { ...seat, result: { ...seat.result, judged: to } }
  return { ...story, judged: to, seats: mapSeats(story, carry), reviewed: null, landing: true }
}

function mapSeats(story: Story, f: (seat: Step<Verdict>, name: string) => Step<Verdict>): Story['seats'] {
  return Object.fromEntries(Object.entries(story.seats).map(([name, seat]) => [name, f(seat, name)]))
}

// ── what others ask of a story ───────────────────────────────────────────────

/** Findings of this round that stand in the way: blocking, and no person dismissed them. */
export function blockingFindings(story: Story): Finding[] {
  return verdicts(story)
    .flatMap((verdict) => verdict.findings)
    .filter((f) => f.blocking && !(f.id in story.dismissed))
}

export const verdicts = (story: Story): Verdict[] =>
  Object.values(story.seats).flatMap((seat) => (seat.at === 'done' ? [seat.result] : []))

/** A seat signed when it approved, or when a person dismissed all that it blocked on. */
export function isSigned(story: Story, seat: string): boolean {
  const step = story.seats[seat]
  if (step?.at !== 'done' || !isSame(step.result.judged, story.judged)) return false
  return step.result.findings.every((f) => !f.blocking || f.id in story.dismissed)
}

export const allSigned = (story: Story): boolean => story.policy.seats.every((seat) => isSigned(story, seat))

/** All steps and seats with their names and whose work they are, for whoever lists or waits. */
export function stepsOf(story: Story): { name: string; role: string; step: Step<unknown> }[] {
  const seats = Object.entries(story.seats).map(([seat, step]) => ({ name: `review:${seat}`, role: seat, step }))
  return [
    ...stepNames.map((name) => ({ name: name as string, role: roles[name], step: story.steps[name] as Step<unknown> })),
    ...seats,
  ]
}

/** Open requests of a story with who has them; a review's once for each seat. */
export function openRequests(story: Story): { request: EventId; deadline: Instant; role: string }[] {
  return stepsOf(story).flatMap(({ role, step }) =>
    step.at === 'asked' ? [{ request: step.request, deadline: step.deadline, role }] : [],
  )
}

const roles: Record<StepName, string> = {
  scope: 'analyst',
  design: 'designer',
  architecture: 'architect',
  build: 'implementer',
  rebase: 'releaser',
  land: 'releaser',
}

/** The stage a story is in, for boards. */
export function stageOf(story: Story): Stage | 'shipped' | 'cancelled' {
  if (story.status !== 'running') return story.status
  const { design, architecture, build, rebase, land } = story.steps
  if ([rebase, land].some((s) => s.at !== 'idle') && build.at === 'done' && story.approvals.review) return 'release'
  if (build.at === 'done') return 'review'
  if (build.at !== 'idle') return 'implementation'
  if (architecture.at !== 'idle') return 'architecture'
  return design.at !== 'idle' ? 'design' : 'scope'
}
