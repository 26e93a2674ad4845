/** Whatever order answers come in and wherever the log is cut: no gate skipped, no stage run twice, it always ends. */
import type { Event } from '@sluice/proto/events.ts'
import * as events from '@sluice/proto/events.ts'
import { noUsage } from '@sluice/proto/parts.ts'
import { allSigned, isSame } from '@sluice/proto/story/review.ts'
import { stageOf } from '@sluice/proto/story/stage.ts'
import { openRequests, stepsOf } from '@sluice/proto/story/steps.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, digestOf } from './decide.ts'
import { type Answering, answers, decided, fold, person, START, say, submitted } from './testing/world.ts'

/** Runs a story to its end by the plain way, with one twist per stage when given. */
function play(
  how: (log: Event[]) => Answering = () => ({}),
  decision?: (log: Event[]) => 'approve' | 'reject',
  asked: Parameters<typeof submitted>[0] = {},
  before: readonly Event[] = [submitted(asked)],
): Event[] {
  let log = [...before]
  for (let n = 0; n < 200 && fold(log).status === 'running'; n++) {
    const owed = decided(log)
    const ids = openRequests(fold(log)).map((o) => o.request)
    const open = log.filter((event) => ids.includes(event.id))
    const next = owed.length > 0 ? owed : open.length > 0 ? answers(open, how(log), n) : person(log, n, decision?.(log))
    log = [...log, ...next]
  }
  return log
}

const types = (log: readonly Event[]) => log.map((event) => event.type)

test('a story goes through every stage and gate, once each, in order', () => {
  const asked = types(play()).filter((type) => /requested|gate|policy|signoff|shipped/.test(type))

  expect(asked).toEqual([
    'scope.requested',
    'gate.opened',
    'gate.approved',
    'policy.frozen',
    'design.requested',
    'gate.opened',
    'gate.approved',
    'architecture.requested',
    'gate.opened',
    'gate.approved',
    'build.requested',
    'review.requested',
    'gate.opened',
    'gate.approved',
    'release.requested',
    'signoff.carried',
    'review.requested',
    'release.requested',
    'story.shipped',
  ])
})

test('each request carries what the person chose for whoever is asked, and nothing of the others', () => {
  const choices = {
    analyst: { model: 'm' },
    implementer: { engine: 'claude-code' },
    security: { effort: 'low' as const },
  }

  const log = play(undefined, undefined, { choices })

  const asked = log.flatMap(({ type, data }) =>
    type.endsWith('.requested') && 'choices' in data ? [[type, data.choices]] : [],
  )
  expect(asked).toEqual([
    ['scope.requested', { analyst: choices.analyst }],
    ['build.requested', { implementer: choices.implementer }],
    ['review.requested', { security: choices.security }],
  ])
})

test.for([
  ['once', false, 1],
  ['for this story', true, 2],
] as const)(
  'what a person allows %s is carried by the run that had asked for it, and by those after it only if it is',
  ([, forStory, carried]) => {
    const asking = decided([submitted()])
    const log = [submitted(), ...asking]
    const request = log.at(-1)?.id ?? ''
    const asked = { id: 'p-1', key: 'k', tool: 'Bash', title: 'npm publish', detail: '{}' }
    const waiting = { kind: 'permission' as const, permissions: [asked] }
    const said = { request, attempt: 1, occupant: { program: 'analyst', version: '1' }, usage: noUsage }
    const paused = say({ type: events.Scope.paused, source: 'analyst', cause: request, data: { ...said, waiting } })
    const answer = { id: 'p-1', key: 'k', allow: true, ...(forStory && { forStory }) }
    const answered = say({
      type: events.PermissionAnswered,
      source: 'web',
      cause: null,
      data: { request, decided: answer },
    })

    const again = play(undefined, undefined, {}, [...log, paused, answered])

    const told = again.flatMap(({ data }) => ('permissions' in data && data.permissions ? [data.permissions] : []))
    expect(told.slice(0, carried)).toEqual(Array(carried).fill([answer]))
    expect(told.length === 1).toBe(!forStory)
    expect(again.filter(({ type }) => type === 'scope.requested')[1]?.data).toMatchObject({
      continues: { analyst: request },
    })
  },
)

test('findings go back in one bundle, and the next round is judged anew by every seat', () => {
  const log = play((l) => ({
    verdict: types(l).filter((t) => t === 'build.completed').length < 2 ? 'reject' : 'approve',
  }))

  const builds = log.filter((e) => e.type === 'build.requested')
  const reviews = log.filter((e) => e.type === 'review.requested' && !e.data.landing)
  expect(builds.map((e) => e.data.findings.length)).toEqual([0, 1])
  expect(reviews.map((e) => e.type === 'review.requested' && e.data.seats.length)).toEqual([4, 4])
  expect(fold(log).status).toBe('shipped')
})

test('whoever was parked is told which run to go on from, each seat its own', () => {
  const log = play()
  const parked = { at: 'owed', cause: 'budget-raised', since: START.toISOString(), continues: 'parked-run' } as const
  const at = (type: Event['type']) =>
    fold(
      log.slice(
        0,
        log.findIndex((e) => e.type === type),
      ),
    )
  const stories = (['scope', 'design', 'architecture', 'build'] as const).map((name) => {
    const story = at(`${name}.requested`)
    return { ...story, steps: { ...story.steps, [name]: parked } }
  })
  const judged = at('review.requested')
  const reviewed = { ...judged, seats: { ...judged.seats, security: parked } }

  const told = [...stories, reviewed].flatMap((story) =>
    decide(story, START).map(({ data }) => (data as { continues?: unknown }).continues),
  )

  expect(told).toEqual([
    ...[{ analyst: 'parked-run' }, { designer: 'parked-run' }, { architect: 'parked-run' }],
    ...[{ implementer: 'parked-run' }, undefined, { security: 'parked-run' }],
  ])
})

test('after the last round the person is asked, with what is unresolved', () => {
  const log = play(() => ({ verdict: 'reject' }))

  const gate = log.find((e) => e.type === 'gate.opened' && e.data.gate === 'review')
  expect(log.slice(0, log.indexOf(gate as Event)).filter((e) => e.type === 'build.completed')).toHaveLength(3)
  expect(gate?.type === 'gate.opened' && gate.data.unresolved).toHaveLength(1)
})

test('an approval over a finding that stands is no approval', () => {
  const log = play(() => ({ verdict: 'reject' }))
  const gate = log.findIndex((e) => e.type === 'gate.opened' && e.data.gate === 'review')
  const before = log.slice(0, gate + 1)
  const approval = person(before, 1).at(-1) as Event

  const story = evolve(fold(before), approval)

  expect(story?.approvals.review).toBeUndefined()
  expect(story?.gate?.gate).toBe('review')
})

test('what only a person may dismiss does not go back to the implementer', () => {
  const log = play(() => ({ verdict: 'reject', personOnly: true }))

  const firstReview = log.findIndex((e) => e.type === 'gate.opened' && e.data.gate === 'review')
  expect(log.slice(0, firstReview).filter((e) => e.type === 'build.completed')).toHaveLength(1)
})

test('a policy may not dismiss what only a person may dismiss', () => {
  const log = play(() => ({ verdict: 'reject', personOnly: true }))
  const before = log.slice(0, log.findIndex((e) => e.type === 'gate.opened' && e.data.gate === 'review') + 1)
  const findingId = fold(before).findings[0]?.id ?? ''
  const by = 'auto' as const

  const after = evolve(
    fold(before),
    say({ type: events.FindingDismissed, source: 'web', cause: null, data: { findingId, reason: 'r', by } }),
  )

  expect(after?.dismissed).toEqual({})
})

test('an approval of another digest than the one shown changes nothing', () => {
  const log = play().slice(0, 4)
  const gate = fold(log).gate
  const stale = { gate: 'scope', digest: digestOf('something else'), by: 'person' as const }

  const story = evolve(
    fold(log),
    say({ type: events.GateApproved, source: 'web', cause: gate?.event ?? null, data: stale }),
  )

  expect(gate?.gate).toBe('scope')
  expect(story?.approvals).toEqual({})
})

test.for<[gate: string, change: string, (event: Event) => Event]>([
  ['scope', 'a criterion', (e) => (e.type === 'scope.completed' ? withData(e, { requirements: anotherScope(e) }) : e)],
  ['scope', 'the document', (e) => (e.type === 'scope.completed' ? withData(e, { document: another }) : e)],
  ['design', 'the bundle', (e) => (e.type === 'design.completed' ? withData(e, { bundle: anotherBundle(e) }) : e)],
  [
    'architecture',
    'the task list',
    (e) => (e.type === 'architecture.completed' ? withData(e, { tasksDocument: another }) : e),
  ],
  ['review', 'the diff', (e) => (e.type === 'build.completed' ? withData(e, { diff: another }) : e)],
  [
    'review',
    'a verdict',
    (e) => (e.type === 'review.completed' && e.source === 'security' ? { ...e, id: 'another-verdict' } : e),
  ],
])('the digest of the %s gate covers %s', ([gate, , change]) => {
  const log = play()
  const before = log.slice(
    0,
    log.findIndex((event) => event.type === 'gate.opened' && event.data.gate === gate),
  )
  const digestOver = (events: Event[]) => decided(events).find((e) => e.type === 'gate.opened')?.data

  const [shown, changed] = [digestOver(before), digestOver(before.map(change))]

  expect(shown).toMatchObject({ gate })
  expect(changed).toMatchObject({ gate, digest: expect.not.stringMatching(digestIn(shown)) })
})

test('what a person dismissed is not put before reviewers again', () => {
  const log = play(() => ({ verdict: 'reject' }))

  const dismissed = log.flatMap((e) => (e.type === 'finding.dismissed' ? [e.data.findingId] : []))
  const landing = log.find((e) => e.type === 'review.requested' && e.data.landing)
  const earlier = landing?.type === 'review.requested' ? landing.data.earlier.map(({ id }) => id) : []
  expect(dismissed).toHaveLength(1)
  expect(earlier).toHaveLength(2)
  expect(earlier).not.toContain(dismissed[0])
})

test('another patch after the rebase voids every sign-off and the approval', () => {
  let changed = false
  const log = play((l) => {
    if (changed || !types(l).includes('release.requested')) return {}
    changed = true
    return { release: 'changed' }
  })

  const approvals = log.filter((e) => e.type === 'gate.approved' && e.data.gate === 'review')
  const fullReviews = log.filter((e) => e.type === 'review.requested' && e.data.seats.length === 4)
  expect([approvals.length, fullReviews.length, fold(log).status]).toEqual([2, 2, 'shipped'])
})

test('a conflict is one more round on the new base', () => {
  let conflicts = 0
  const log = play((l) => (types(l).at(-1) === 'release.requested' && conflicts++ === 0 ? { release: 'conflict' } : {}))

  const rebuilt = log.filter((e) => e.type === 'build.requested').at(-1)
  expect(rebuilt?.type === 'build.requested' && rebuilt.data.onto).toEqual({ commit: 'b'.repeat(40), conflicts: ['x'] })
  expect(fold(log).status).toBe('shipped')
})

test('a base that moved before landing is rebased upon again, and checked again', () => {
  let moved = 0
  const isLanding = (l: Event[]) => l.some((e) => e.type === 'release.requested' && e.data.do === 'land')
  const log = play((l) => (isLanding(l) && moved++ === 0 ? { release: 'moved' } : {}))

  expect(log.filter((e) => e.type === 'signoff.carried')).toHaveLength(2)
  expect(log.filter((e) => e.type === 'review.requested' && e.data.landing)).toHaveLength(2)
  expect(fold(log).status).toBe('shipped')
})

test('red checks on the landing tree send the story back, with the approval gone', () => {
  let red = 0
  const landing = (l: Event[]) => l.some((e) => e.type === 'review.requested' && e.data.landing)
  const log = play()
  const at = log.findIndex((e) => e.type === 'review.requested' && e.data.landing)
  const request = log[at] as Event & { type: 'review.requested' }
  const finding = {
    id: 'red',
    seat: 'checks',
    severity: 'high' as const,
    blocking: true,
    claim: 'test fails',
    evidence: 'exit 1',
  }
  const data = {
    ...{ request: request.id, attempt: 1, occupant: { program: 't', version: '1' } },
    usage: { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, costUsd: 0 },
    ...{
      seat: 'checks',
      verdict: 'reject' as const,
      judged: request.data.judged,
      findings: [finding],
      earlier: [],
      summary: 'red',
    },
  }

  const story = fold([
    ...log.slice(0, at + 1),
    say({ type: events.Review.completed, source: 'checks', cause: request.id, data }),
  ])
  const owed = decide(story, START)

  expect([landing(log), red]).toEqual([true, 0])
  red++
  expect(owed.map((o) => o.type.type)).toEqual(['build.requested'])
  expect(owed[0]?.data).toMatchObject({ findings: [{ id: 'red' }], onto: { commit: request.data.judged.base } })
})

test('an interrupted round is asked again with the findings it had', () => {
  const log = play((l) => ({
    verdict: types(l).includes('build.completed') && !types(l).includes('story.retried') ? 'reject' : 'approve',
  }))
  const second = log.findIndex((e) => e.type === 'build.requested' && e.data.findings.length > 0)
  const until = log.slice(0, second + 1)
  const failing = [...until, ...answers(until.slice(second), { kind: 'failed' }, 99)]

  const retried = decided([...failing, ...person(failing, 100)])

  expect(retried.map((e) => e.type)).toEqual(['build.requested'])
  expect(retried[0]?.type === 'build.requested' && retried[0].data.findings).toHaveLength(1)
})

test('a request past its deadline is closed, and the story asks the person', () => {
  const log = [submitted()]
  const asked = [...log, ...decided(log)]
  const tomorrow = new Date(START.getTime() + 48 * 3_600_000)

  const due = decided(asked, tomorrow)

  expect(due.map((e) => e.type)).toEqual(['timer.due'])
  expect(fold([...asked, ...due]).steps.scope).toMatchObject({ at: 'failed' })
})

test('who may not say a thing is not heard', () => {
  const log = play().slice(0, 4)
  const gate = fold(log).gate
  const forged = say({
    type: events.GateApproved,
    source: 'implementer',
    cause: null,
    data: { gate: 'scope', digest: gate?.digest ?? '', by: 'person' },
  })

  expect(evolve(fold(log), forged)).toEqual(fold(log))
})

const another = { sha256: '9'.repeat(64), bytes: 2, mediaType: 'text/markdown', name: 'x.md' }
const withData = <E extends Event>(event: E, data: Partial<E['data']>): Event =>
  ({ ...event, data: { ...event.data, ...data } }) as Event
const anotherScope = ({ data }: Event & { type: 'scope.completed' }) => ({
  ...data.requirements,
  criteria: [{ id: 'C1', text: 'something else' }],
})
const anotherBundle = ({ data }: Event & { type: 'design.completed' }) => ({ ...data.bundle, digest: '8'.repeat(64) })
const digestIn = (shown: unknown): string => (shown as { digest: string }).digest

// ── properties ───────────────────────────────────────────────────────────────

const schedule = fc.array(
  fc.record({
    pick: fc.nat(),
    what: fc.constantFrom('decide', 'decide', 'decide', 'answer', 'answer', 'answer', 'replay', 'person', 'crash'),
    kind: fc.constantFrom('completed', 'completed', 'completed', 'completed', 'paused', 'failed'),
    verdict: fc.constantFrom('approve', 'approve', 'reject'),
    release: fc.constantFrom('clean', 'clean', 'clean', 'conflict', 'moved', 'changed'),
    decision: fc.constantFrom('approve', 'approve', 'approve', 'reject'),
  }),
  { minLength: 10, maxLength: 150 },
)

/** One story under a schedule: decisions cut short, answers late, twice and out of order, then the plain way to the end. */
function run(steps: ReturnType<typeof schedule.generate>['value']): Event[] {
  let log = [submitted()]
  steps.forEach((step, n) => {
    log = [...log, ...move(log, step, n)]
  })
  return finish(log)
}

function move(
  log: Event[],
  step: { pick: number; what: string } & Answering & { decision: 'approve' | 'reject' },
  n: number,
): Event[] {
  if (fold(log).status !== 'running') return []
  const one = (from: Event[]) => (from.length > 0 ? [from[step.pick % from.length] as Event] : [])
  switch (step.what) {
    case 'decide':
      return decided(log)
    // A decision of several events of which only the first was published.
    case 'crash':
      return decided(log).slice(0, 1)
    case 'answer':
      return one(answers(log, step, n))
    // Something that was said before comes again.
    case 'replay':
      return one(log)
    default:
      return openRequests(fold(log)).length === 0 || fold(log).gate ? person(log, n, step.decision) : []
  }
}

function finish(log: Event[]): Event[] {
  for (let n = 1000; n < 1400 && fold(log).status === 'running'; n++) {
    const owed = decided(log)
    log = [
      ...log,
      ...(owed.length > 0 ? owed : openRequests(fold(log)).length > 0 ? answers(log, {}, n) : person(log, n)),
    ]
  }
  return log
}

test('property: it always ends', () => {
  fc.assert(
    fc.property(schedule, (steps) => {
      const story = fold(run(steps as never))
      expect(story.status, JSON.stringify(stepsOf(story))).toBe('shipped')
    }),
    { numRuns: 60 },
  )
})

test('property: no gate is skipped and nothing lands unsigned, unchecked or unapproved', () => {
  fc.assert(
    fc.property(schedule, (steps) => {
      const log = run(steps as never)
      log.forEach((event, i) => {
        const before = i > 0 ? fold(log.slice(0, i)) : null
        if (before && before.status === 'running' && event.source === 'orchestrator') lawful(before, event)
      })
    }),
    { numRuns: 25 },
  )
})

function lawful(before: Story, event: Event): void {
  if (before.seen.has(event.id)) return
  const approved = Object.keys(before.approvals)
  if (event.type === 'design.requested') expect(approved).toContain('scope')
  if (event.type === 'architecture.requested') expect(approved).toContain('design')
  if (event.type === 'build.requested') expect(approved).toContain('architecture')
  if (event.type !== 'release.requested') return
  expect(approved).toContain('review')
  expect(isSame(event.data.approved, before.judged)).toBe(true)
  if (event.data.do === 'land') {
    expect(allSigned(before)).toBe(true)
    expect(before.landing).toBe(true)
    expect(stageOf(before)).toBe('release')
  }
}

test('property: asked again after any cut, it decides the same events', () => {
  fc.assert(
    fc.property(schedule, fc.nat(), (steps, cut) => {
      const log = run(steps as never)
      const prefix = log.slice(0, 1 + (cut % log.length))

      const [once, twice] = [decided(prefix), decided(prefix)]

      expect(twice.map((e) => e.id)).toEqual(once.map((e) => e.id))
      expect(new Set(once.map((e) => e.id)).size).toBe(once.length)
      // What is recorded is not owed any more.
      expect(decided([...prefix, ...once]).filter((e) => once.some((o) => o.id === e.id))).toEqual([])
    }),
    { numRuns: 60 },
  )
})

test('property: no step and no seat is asked twice for the same cause', () => {
  fc.assert(
    fc.property(schedule, (steps) => {
      const asked = run(steps as never).filter((e) => e.type.endsWith('.requested'))
      const unique = new Map(asked.map((e) => [e.id, e]))
      const causes = [...unique.values()].map(
        (e) => `${e.type} ${e.causationId} ${e.type === 'review.requested' ? e.data.seats : ''}`,
      )
      expect(new Set(causes).size).toBe(causes.length)
    }),
    { numRuns: 60 },
  )
})
