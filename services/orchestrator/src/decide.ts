/** What a story is owed: everything the log lacks, whatever woke us. Pure; asked again, it says the same. */
import { createHash } from 'node:crypto'
import type { EventId, EventType } from '@sluice/proto/event.ts'
import {
  AnswerRefused,
  ArchitectureRequested,
  BuildRequested,
  DesignRequested,
  GateOpened,
  LimitReset,
  PolicyFrozen,
  ReleaseRequested,
  ReviewRequested,
  ScopeRequested,
  SignoffCarried,
  StoryShipped,
  TimerDue,
} from '@sluice/proto/events.ts'
import { type StageSpec, specOf } from '@sluice/proto/pipeline.ts'
import { wordsFor } from '@sluice/proto/steering.ts'
import { resetOf } from '@sluice/proto/story/lines.ts'
import { allSigned, blockingFindings, isSame } from '@sluice/proto/story/review.ts'
import { openRequests, stepsOf } from '@sluice/proto/story/steps.ts'
import type { Step, StepName, Story } from '@sluice/proto/story.ts'

/** An event that is due: id = hash(cause, orchestrator, type, n). */
export type Owed = { type: EventType; cause: EventId; n: number | string; data: unknown }

/** An answer nobody can read, and the request that was open for who gave it. */
export type Unread = { request: EventId; role: string; sequence: number; reason: string }

/** `unread` is what the log holds beside the story's events. */
export function decide(story: Story, now: Date, unread: readonly Unread[] = []): Owed[] {
  if (story.status !== 'running') return []
  const all = owedTo(story, now, unread)
  // A person holds it: what is finished is still closed and shown, and nothing new begun.
  return story.hold ? all.filter(({ type }) => !type.type.endsWith('.requested')) : all
}

function owedTo(story: Story, now: Date, unread: readonly Unread[]): Owed[] {
  return [
    ...frozenPolicy(story),
    ...documents(story, now),
    ...documentGates(story),
    ...build(story, now),
    ...review(story, now),
    ...afterReview(story, now),
    ...release(story, now),
    ...shipped(story),
    ...overdue(story, now),
    ...drawnAnew(story, now),
    ...refused(story, unread),
  ]
}

/** The slot a request needs before it may be asked; everything else is asked at once. */
export function slotOf(owed: Owed): 'build' | 'merge' | null {
  if (owed.type === BuildRequested) return 'build'
  return owed.type === ReleaseRequested ? 'merge' : null
}

// ── deadlines ────────────────────────────────────────────────────────────────

function overdue(story: Story, now: Date): Owed[] {
  const late = openRequests(story).filter((open) => Date.parse(open.deadline) <= now.getTime())
  const once = new Map(late.map(({ request, deadline }) => [request, deadline]))
  return [...once].map(([request, deadline]) => ({ type: TimerDue, cause: request, n: 0, data: { request, deadline } }))
}

/** Parked runs that go on by themselves once what they wait for is drawn anew, and when that is. */
export function openResets(story: Story): { request: EventId; resetsAt: string }[] {
  return stepsOf(story).flatMap(({ step }) => {
    const resetsAt = step.at === 'paused' ? resetOf(step.waiting) : null
    return step.at === 'paused' && resetsAt ? [{ request: step.request, resetsAt }] : []
  })
}

/** Seats that were asked together wait under one request: it is said once, at the last of their resets. */
function drawnAnew(story: Story, now: Date): Owed[] {
  const resets = openResets(story).toSorted((a, b) => Date.parse(a.resetsAt) - Date.parse(b.resetsAt))
  const last = new Map(resets.map(({ request, resetsAt }) => [request, resetsAt]))
  return [...last].flatMap(([request, resetsAt]) =>
    Date.parse(resetsAt) <= now.getTime()
      ? [{ type: LimitReset, cause: request, n: resetsAt, data: { request, resetsAt } }]
      : [],
  )
}

function refused(story: Story, unread: readonly Unread[]): Owed[] {
  const open = openRequests(story)
  const owed = unread.filter(({ request, role }) => open.some((o) => o.request === request && o.role === role))
  const once = new Map(owed.map((one) => [`${one.request} ${one.role}`, one]))
  return [...once.values()].map((one) => ({ type: AnswerRefused, cause: one.request, n: one.role, data: one }))
}

// ── documents and their gates ────────────────────────────────────────────────

function frozenPolicy(story: Story): Owed[] {
  const approval = story.approvals.scope
  if (!approval || story.frozen) return []
  const { path, seats, maxRounds } = story.policy
  const policy = { path, seats, maxRounds }
  return [{ type: PolicyFrozen, cause: approval.event, n: 0, data: { ...policy, digest: digestOf(policy) } }]
}

function documents(story: Story, now: Date): Owed[] {
  const { scope, design, architecture } = story.steps
  if (scope.at === 'owed')
    return [
      ask(ScopeRequested, scope.cause, {
        ...common(story, 'scope', now),
        ...asOf(story, { analyst: scope }),
        ...previousScope(story),
      }),
    ]
  if (design.at === 'owed')
    return [
      ask(DesignRequested, design.cause, {
        ...common(story, 'design', now),
        ...asOf(story, { designer: design }),
        approved: approvedScope(story),
        config: story.submitted.config,
        ...(story.drafts.design ? { previous: story.drafts.design.bundle } : {}),
      }),
    ]
  if (architecture.at !== 'owed') return []
  const draft = story.drafts.architecture
  return [
    ask(ArchitectureRequested, architecture.cause, {
      ...common(story, 'architecture', now),
      ...asOf(story, { architect: architecture }),
      approved: approvedDesign(story),
      ...(draft ? { previous: { document: draft.document, tasks: draft.tasks } } : {}),
    }),
  ]
}

const previousScope = (story: Story) => (story.drafts.scope ? { previous: story.drafts.scope.document } : {})

/** A finished document opens its gate; `digest` covers all that the gate shows. */
function documentGates(story: Story): Owed[] {
  if (story.gate) return []
  return (['scope', 'design', 'architecture'] as const).flatMap((name) => {
    const step: Step<unknown> = story.steps[name]
    if (step.at !== 'done' || story.approvals[name]) return []
    return [{ type: GateOpened, cause: step.event, n: 0, data: { gate: name, digest: digestOf(shownAt(story, name)) } }]
  })
}

function shownAt(story: Story, gate: 'scope' | 'design' | 'architecture'): unknown {
  const { scope, design, architecture } = story.steps
  if (gate === 'scope' && scope.at === 'done') return [gate, scope.result.document, scope.result.requirements]
  if (gate === 'design' && design.at === 'done') return [gate, design.result.document, design.result.bundle]
  if (gate === 'architecture' && architecture.at === 'done')
    return [gate, architecture.result.document, architecture.result.tasksDocument, architecture.result.tasks]
  throw new Error(`Nothing is shown at ${gate}.`)
}

// ── build and review ─────────────────────────────────────────────────────────

function build(story: Story, now: Date): Owed[] {
  const step = story.steps.build
  return step.at === 'owed' ? [buildRound(story, step.cause, now)] : []
}

function buildRound(story: Story, cause: EventId, now: Date): Owed {
  const onto = rebuildOn(story)
  return ask(BuildRequested, cause, {
    ...common(story, 'build', now),
    ...asOf(story, { implementer: story.steps.build }),
    round: story.builds + 1,
    branch: branchOf(story),
    approved: approvedPlan(story),
    config: story.submitted.config,
    // The round before found them, or they are what this round was asked to mend before it was interrupted.
    findings: [...story.brief, ...blockingFindings(story)],
    ...(onto ? { onto } : {}),
    ...(story.rewind ? { rewind: story.rewind } : {}),
    ...(story.handIn ? { handIn: story.handIn } : {}),
  })
}

/** The base on which the branch must be rebuilt: it no longer merges there, or it was judged there and sent back. */
function rebuildOn(story: Story): Story['onto'] {
  const { build: last } = story.steps
  const rebased = story.judged && last.at === 'done' && last.result.judged.base !== story.judged.base
  return story.onto ?? (rebased && story.judged ? { commit: story.judged.base, conflicts: [] } : null)
}

/** Seats owed by the same cause are asked together. */
function review(story: Story, now: Date): Owed[] {
  const { judged } = story
  if (!judged) return []
  const byCause = new Map<EventId, string[]>()
  for (const [seat, step] of Object.entries(story.seats))
    if (step.at === 'owed') byCause.set(step.cause, [...(byCause.get(step.cause) ?? []), seat])

  return [...byCause].map(([cause, seats]) =>
    ask(ReviewRequested, cause, {
      ...common(story, 'review', now),
      ...asOf(story, Object.fromEntries(Object.entries(story.seats).filter(([seat]) => seats.includes(seat)))),
      seats,
      round: story.round,
      judged,
      approved: approvedPlan(story),
      config: story.submitted.config,
      earlier: story.findings.filter((f) => !(f.id in story.resolved) && !(f.id in story.dismissed)),
      ...(story.approvals.review ? { landing: true } : {}),
    }),
  )
}

/** All seats have answered: a gate, another round, or the person when rounds are used up or only a person may dismiss. */
function afterReview(story: Story, now: Date): Owed[] {
  const { reviewed, judged } = story
  if (!reviewed || !judged || story.gate || story.steps.build.at !== 'done') return []
  if (story.approvals.review) return story.landing ? afterLandingChecks(story, reviewed, now) : []

  const blocking = blockingFindings(story)
  const exhausted = story.sincePerson >= story.policy.maxRounds
  if (blocking.some((f) => !f.personOnly) && !exhausted) return [buildRound(story, reviewed, now)]

  const unresolved = blocking.map((f) => f.id)
  const digest = digestOf(['review', judged, story.steps.build.result.diff, verdictsShown(story), unresolved])
  return [{ type: GateOpened, cause: reviewed, n: 0, data: { gate: 'review', digest, judged, unresolved } }]
}

const verdictsShown = (story: Story): unknown =>
  story.policy.seats.map((seat) => {
    const step = story.seats[seat]
    return step?.at === 'done' ? [seat, step.event, step.result.verdict] : [seat]
  })

/** The tree that lands was checked: it lands, or what was found goes back for a round on the new base. */
function afterLandingChecks(story: Story, cause: EventId, now: Date): Owed[] {
  if (story.steps.land.at !== 'idle') return []
  return [allSigned(story) ? landing(story, cause, now) : buildRound(story, cause, now)]
}

// ── release ──────────────────────────────────────────────────────────────────

function release(story: Story, now: Date): Owed[] {
  const { rebase, land } = story.steps
  if (!story.judged || !story.approvals.review) return []
  if (rebase.at === 'owed') {
    const approved = story.judged
    const data = {
      ...common(story, 'release', now),
      do: 'rebase',
      approved,
      branch: branchOf(story),
      trailers: trailersOf(story),
    }
    return [ask(ReleaseRequested, rebase.cause, data)]
  }
  if (rebase.at === 'done' && rebase.result.kind === 'rebased' && !isSame(rebase.result.judged, story.judged))
    return [{ type: SignoffCarried, cause: rebase.event, n: 0, data: { from: story.judged, to: rebase.result.judged } }]
  // The base did not move: the verdicts name this very commit, and the checks still run on the tree that lands.
  if (rebase.at === 'done' && rebase.result.kind === 'rebased' && land.at === 'idle' && !story.landing)
    return [{ type: SignoffCarried, cause: rebase.event, n: 0, data: { from: story.judged, to: story.judged } }]
  return land.at === 'owed' && allSigned(story) ? [landing(story, land.cause, now)] : []
}

function landing(story: Story, cause: EventId, now: Date): Owed {
  const { config } = story.submitted
  const data = { ...common(story, 'release', now), do: 'land', approved: story.judged, branch: branchOf(story), config }
  return ask(ReleaseRequested, cause, data)
}

function shipped(story: Story): Owed[] {
  const { land } = story.steps
  if (land.at !== 'done' || land.result.kind !== 'landed') return []
  const { usage, builds } = story
  const approvedBy = story.approvals.review?.by ?? 'auto'
  return [
    {
      type: StoryShipped,
      cause: land.event,
      n: 0,
      data: { commit: land.result.commit, approvedBy, usage, rounds: builds },
    },
  ]
}

/** Git trailers of the commit that lands: whose story, who approved, who reviewed. */
function trailersOf(story: Story): string[] {
  const { by } = story.approvals.review ?? { by: 'auto' as const }
  const reviewers = story.policy.seats.map((seat) => {
    const step = story.seats[seat]
    const who = step?.at === 'done' ? step.result.occupant : null
    return `Reviewed-by: ${seat}${who ? ` (${[who.program, who.version, who.scripted ?? who.model].filter(Boolean).join(' ')})` : ''}`
  })
  return [`Story: ${story.id}`, `Approved-by: ${by === 'person' ? 'person' : `nobody (${by})`}`, ...reviewers]
}

// ── what requests carry ──────────────────────────────────────────────────────

const ask = (type: EventType, cause: EventId, data: unknown): Owed => ({ type, cause, n: 0, data })

export const branchOf = (story: Pick<Story, 'id'>): string => `sluice/${story.id}`

function common(story: Story, noun: StageSpec['noun'], now: Date) {
  const { title, text, repository } = story.submitted
  const feedbackFor: StepName = noun === 'review' || noun === 'release' ? 'build' : noun
  return {
    repository,
    // A fork is told from its parent by its own title.
    title:
      story.approvals.scope && story.steps.scope.at === 'done' && !story.submitted.inherits
        ? story.steps.scope.result.requirements.title
        : title,
    text,
    budgetUsd: story.budgetUsd,
    ...(Object.keys(story.limits).length > 0 ? { limits: story.limits } : {}),
    deadline: new Date(now.getTime() + specOf(noun).deadlineMinutes * 60_000).toISOString(),
    answers: story.answers,
    feedback: story.feedback[feedbackFor] ?? [],
  }
}

/** What holds for each who is asked: the run it goes on from, and what the person chose for it in this story. */
function asOf(story: Story, steps: Record<string, Step<unknown>>) {
  const parked = Object.entries(steps).flatMap(([role, step]) =>
    step.at === 'owed' && step.continues ? [[role, step.continues] as const] : [],
  )
  const said = Object.keys(steps).flatMap((role) => {
    const words = wordsFor(story, role)
    return words.length > 0 ? [[role, words] as const] : []
  })
  const goesOn = new Set(parked.map(([, request]) => request))
  const permissions = story.permissions.filter(({ forStory, request }) => forStory || goesOn.has(request))
  const chosen = Object.entries(story.submitted.choices ?? {}).filter(([role]) => role in steps)
  return {
    ...(parked.length > 0 ? { continues: Object.fromEntries(parked) } : {}),
    ...(permissions.length > 0 ? { permissions: permissions.map(({ request: _, ...decided }) => decided) } : {}),
    ...(chosen.length > 0 ? { choices: Object.fromEntries(chosen) } : {}),
    ...(said.length > 0 ? { steered: Object.fromEntries(said) } : {}),
    ...(story.attachments.length > 0 ? { attachments: story.attachments } : {}),
  }
}

function approvedScope(story: Story) {
  const { scope } = story.steps
  if (scope.at !== 'done') throw new Error('The scope is not there.')
  return { requirements: scope.result.requirements, requirementsDocument: scope.result.document }
}

function approvedDesign(story: Story) {
  const { design } = story.steps
  if (design.at !== 'done') throw new Error('The design is not there.')
  return { ...approvedScope(story), design: design.result.bundle }
}

function approvedPlan(story: Story) {
  const { architecture } = story.steps
  if (architecture.at !== 'done') throw new Error('The plan is not there.')
  return {
    ...approvedDesign(story),
    architectureDocument: architecture.result.document,
    tasks: architecture.result.tasks,
  }
}

/** SHA-256 over JSON with sorted keys: the same content has the same digest. */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}
