/** What a story hears and what it is deaf to: each rule of the fold, on the released story of the corpus. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Event } from './events.ts'
import type { Finding } from './parts.ts'
import { evolve, type Story } from './story.ts'

const log = readFileSync(new URL('../corpus/0.1-story.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Event)

test('an event that comes twice counts once', () => {
  const before = upTo('scope.requested')
  const questions = [{ id: 'q1', text: 'Which?' }]
  const paused = like('scope.completed', { type: 'scope.paused' }, { waiting: { kind: 'questions', questions } })
  const request = before.steps.scope.at === 'asked' ? before.steps.scope.request : ''
  const answers = [{ id: 'q1', text: 'Which?', answer: 'That one.' }]
  const answered = like('gate.approved', { type: 'question.answered' }, { request, answers })

  const story = [paused, answered, answered].reduce(told, before)

  expect(story.answers).toEqual(answers)
})

const decided = { id: 'p-1', key: 'k', allow: true }

test.for([
  ['questions', 'question.answered', true],
  ['budget', 'budget.raised', true],
  ['permission', 'permission.answered', true],
  ['account', 'story.retried', true],
  ['checkout', 'story.retried', false],
] as const)('a run that waited for its %s goes on after %s: %s', ([kind, type, goesOn]) => {
  const asked = upTo('scope.requested')
  const request = asked.steps.scope.at === 'asked' ? asked.steps.scope.request : ''
  const paused = like('scope.completed', { type: 'scope.paused' }, { request, waiting: { kind } })
  const unblocked = like('gate.approved', { type }, { budgetUsd: 9, request, answers: [], decided })

  const { scope } = [paused, unblocked].reduce(told, asked).steps

  expect(scope).toMatchObject({ at: 'owed', cause: unblocked.id })
  expect('continues' in scope && scope.continues).toBe(goesOn && request)
})

test('who may not say a thing is not heard', () => {
  const story = told(upTo('gate.opened'), like('gate.approved', { source: 'implementer' }))

  expect(story.approvals).toEqual({})
})

test.for(['gate.approved', 'gate.rejected'] as const)('%s of what is not on the table changes nothing', (type) => {
  const open = upTo('gate.opened')
  const decision = like('gate.approved', { type }, { digest: 'f'.repeat(64), comment: 'No.' })

  const story = told(open, decision)

  expect([story.gate, story.steps.scope.at, story.approvals]).toEqual([open.gate, 'done', {}])
})

test.for([
  ['gate.approved', 'What did you say when you approved scope?'],
  ['story.retried', 'What did you say when you retried it?'],
] as const)('what a person says at %s is an answer for whoever works next', ([type, text]) => {
  const { digest } = upTo('gate.opened').gate ?? {}
  const decision = like('gate.approved', { type }, { gate: 'scope', digest, comment: 'Keep it small.' })

  const story = told(upTo('gate.opened'), decision)

  expect(story.answers).toEqual([{ id: decision.id, text, answer: 'Keep it small.' }])
})

test('an answer to another request closes nothing', () => {
  const story = told(upTo('scope.requested'), like('scope.completed', {}, { request: 'another-request' }))

  expect(story.steps.scope.at).toBe('asked')
})

test.for<[string, object, RegExp]>([
  ['about another commit', { judged: { base: 'a', commit: 'b', tree: 'c', patchId: 'd' } }, /another commit/],
  ['that approves over its own finding', { findings: [finding()] }, /approves over a blocking finding/],
  ['that rejects without one', { verdict: 'reject' }, /rejects without a blocking finding/],
  [
    'to a request that was never made',
    { request: 'a-request-of-nobody' },
    /names a request that this story never made/,
  ],
])('a verdict %s counts as none', ([, data, reason]) => {
  const verdict = { verdict: 'approve', findings: [], ...data }

  const story = told(
    upTo('review.requested'),
    like('review.completed', { source: 'generic' }, { seat: 'generic', ...verdict }),
  )

  expect(story.seats.generic).toMatchObject({ at: 'failed', reason: expect.stringMatching(reason) })
})

test('what shipped is taken back by a revert, put back by a revert of that, and by nobody but memory', () => {
  const shipped = upTo('story.shipped')
  const revert = (commit: string, reverts: string, source = 'memory') =>
    ({
      ...like('story.shipped', { type: 'story.reverted' }, { commit, reverts }),
      source,
      id: `revert-${commit}`,
    }) as Event

  const taken = evolve(shipped, revert('b', 'a'))
  const back = evolve(taken, revert('c', 'b'))

  expect([taken?.reverted?.commit, taken?.status, back?.reverted]).toEqual(['b', 'shipped', null])
  expect(evolve(shipped, revert('b', 'a', 'implementer'))?.reverted).toBeNull()
})

test('a seat cannot answer for another', () => {
  const story = told(upTo('review.requested'), like('review.completed', { source: 'generic' }, { seat: 'security' }))

  expect(story.seats.generic).toMatchObject({ at: 'failed', reason: 'The verdict of generic is signed as security.' })
  expect(story.seats.security?.at).toBe('asked')
})

test('a late verdict on what was asked before changes nothing', () => {
  const asked = upTo('review.requested')
  const earlier = [...asked.seen][1]

  const story = told(asked, like('review.completed', { source: 'generic' }, { seat: 'generic', request: earlier }))

  expect(story.seats.generic?.at).toBe('asked')
})

test('an answer nobody can read closes the request of who gave it, and of nobody else', () => {
  const asked = upTo('review.requested')
  const request = asked.seats.generic?.at === 'asked' ? asked.seats.generic.request : ''
  const refused = like('review.requested', { type: 'answer.refused' }, { request, role: 'generic', reason: 'No JSON.' })

  const story = told(asked, refused)

  expect(story.seats.generic).toMatchObject({ at: 'failed', request, reason: 'No JSON.' })
  expect(story.seats.security?.at).toBe('asked')
})

test('the review is not approved over a finding that stands', () => {
  const stands = log.map((event) =>
    event.type === 'review.completed' && event.source === 'security'
      ? ({ ...event, data: { ...event.data, verdict: 'reject', findings: [finding()] } } as Event)
      : event,
  )
  const approval = stands.findIndex((event) => event.type === 'gate.approved' && event.data.gate === 'review')

  const story = fold(stands.slice(0, approval + 1))

  expect([story.gate?.gate, story.approvals.review]).toEqual(['review', undefined])
})

test.for([
  ['policy', {}],
  ['person', { 'f-1': { reason: 'It is meant so.', by: 'person' } }],
] as const)('what only a person may dismiss is put to %s', ([by, dismissed]) => {
  const found = { verdict: 'reject', findings: [{ ...finding(), personOnly: true }] }
  const judged = told(
    upTo('review.requested'),
    like('review.completed', { source: 'security' }, { seat: 'security', ...found }),
  )
  const reason = 'It is meant so.'

  const story = told(judged, like('gate.approved', { type: 'finding.dismissed' }, { findingId: 'f-1', reason, by }))

  expect(story.dismissed).toEqual(dismissed)
})

test('sign-offs are carried to the same patch and to no other', () => {
  const rebased = upTo('release.completed')
  const carried = log.find((event) => event.type === 'signoff.carried')
  const to = carried?.type === 'signoff.carried' ? carried.data.to : null

  const other = told(rebased, like('signoff.carried', {}, { to: { ...to, patchId: 'another' } }))
  const same = told(rebased, like('signoff.carried'))

  expect([other.judged, other.landing]).toEqual([rebased.judged, false])
  expect([same.judged, same.landing]).toEqual([to, true])
})

test('a new round takes the approval of the last with it', () => {
  const approval = log.findIndex((event) => event.type === 'gate.approved' && event.data.gate === 'review')
  const approved = fold(log.slice(0, approval + 1))

  const again = told(approved, like('build.requested'))

  expect([approved.approvals.review?.by, again.approvals.review]).toEqual(['person', undefined])
})

// ── the world of these tests ─────────────────────────────────────────────────

function finding(): Finding {
  return { id: 'f-1', seat: 'security', severity: 'high', blocking: true, claim: 'bad', evidence: '' }
}

function fold(events: readonly Event[]): Story {
  const story = events.reduce<Story | null>(evolve, null)
  if (!story) throw new Error('No story was submitted.')
  return story
}

/** The story when something of this type was said for the first time. */
const upTo = (type: Event['type']): Story => fold(log.slice(0, log.findIndex((event) => event.type === type) + 1))

const told = (story: Story, event: Event): Story => evolve(story, event) ?? story

let made = 0

/** The first event of a type, said anew and otherwise. */
function like(type: Event['type'], envelope: Partial<Event> = {}, data: object = {}): Event {
  const first = log.find((event) => event.type === type)
  return { ...first, id: `another-${++made}`, ...envelope, data: { ...first?.data, ...data } } as Event
}
