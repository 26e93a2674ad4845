/** A story as spans: what is shown of it, with what it waited for, who did what, and what it cost. */

import { record } from '@sluice/kit/record.ts'
import type { Entry, EntryKind } from '@sluice/kit/run.ts'
import { traceOf } from '@sluice/kit/spans/story-trace.ts'
import { spanIdOf, traceIdOf } from '@sluice/kit/trace.ts'
import type { Event } from '@sluice/proto/events.ts'
import * as events from '@sluice/proto/events.ts'
import type { Span } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import {
  answered,
  ask,
  digestOf,
  finding,
  gateOpened,
  occupant,
  policyFrozen,
  type Said,
  scopeFailed,
  scopePaused,
  storySubmitted,
  submitted,
  usage,
} from './testing/sayings.ts'

/** A log in which something is said at a given second. */
function telling() {
  const log: Event[] = []
  const at = (second: number, said: Said): string => {
    const now = new Date(second * 1000)
    log.push(record({ ...said, n: said.n ?? log.length, projectId: 'p1', storyId: 's1', now }) as Event)
    return log.at(-1)?.id ?? ''
  }
  const first = at(0, storySubmitted)
  return { log, at, first, trace: (...runs: Parameters<typeof traceOf>[1][number][]) => traceOf(log, runs) }
}

const entry = (second: number, kind: EntryKind, data: object = {}, attempt = 1): Entry => ({
  ...{ kind, attempt, data, at: new Date(second * 1000).toISOString() },
})
const tool = (second: number, state: 'started' | 'ended', more: object = {}, attempt = 1) =>
  entry(second, 'note', { type: 'tool', state, callId: 'c1', tool: 'shell', text: 'npm test', ...more }, attempt)
const calls = (n: number) => ({ calls: Array(n).fill({}) })

/** The spans that take time, without the moments at which something was said. */
const lasting = (spans: readonly Span[]) => spans.filter(({ kind }) => kind !== 'event')
/** What a reader sees of a span, in seconds. */
const seen = ({ kind, name, service, start, end, outcome }: Span) => [
  ...[kind, name, service, start / 1000, end === null ? null : end / 1000, outcome],
]
const ofKind = (spans: Span[], ...kinds: Span['kind'][]) => spans.filter(({ kind }) => kinds.includes(kind)).map(seen)
const who = 'sluice 0.1.0, claude-test, scripted: the test'

test('a story holds stages, a stage its requests and gates, each with who and how it ended', () => {
  const { at, first, trace } = telling()
  const scope = at(1, ask.scope(submitted, first))
  const opened = at(6, gateOpened('scope', at(5, answered('scope', scope))))
  at(9, {
    type: events.GateApproved,
    source: 'web',
    cause: opened,
    data: { gate: 'scope', digest: digestOf('scope'), by: 'person' },
  })

  const { spans: all, traceId, storyId } = trace()
  const spans = lasting(all)

  expect([storyId, traceId]).toEqual(['s1', traceIdOf({ storyId: 's1', projectId: 'p1' })])
  expect(spans.map(seen)).toEqual([
    ['story', 'Keep drafts', 'web', 0, null, 'running'],
    ['stage', 'scope', 'orchestrator', 1, 9, 'approved by person'],
    ['request', 'analyst', 'analyst', 1, 5, `completed · ${who}`],
    ['wait', 'queue', 'analyst', 1, 5, 'never begun'],
    ['person', 'gate scope', 'person', 6, 9, 'approved by person'],
  ])
  const [story, stage, request, queue, gate] = spans
  expect(spans.map(({ parent }) => parent)).toEqual([null, story?.id, stage?.id, request?.id, stage?.id])
  expect([request?.links, gate?.links]).toEqual([[spanIdOf(scope)], [spanIdOf(opened)]])
  expect(queue?.costUsd).toBe(0)
  expect([story, stage, request].map((span) => [span?.costUsd, span?.tokens])).toEqual(Array(3).fill([0.25, 110]))
})

test('what is not over has no end: an open gate, a request at work, its stage and its story', () => {
  const { at, first, trace } = telling()
  const scope = at(1, ask.scope(submitted, first))
  const atWork = lasting(trace().spans).map(seen)
  at(6, gateOpened('scope', at(5, answered('scope', scope))))

  expect(atWork.slice(1)).toEqual([
    ['stage', 'scope', 'orchestrator', 1, null, 'at work'],
    ['request', 'analyst', 'analyst', 1, null, 'at work'],
    ['wait', 'queue', 'analyst', 1, null, 'waiting for a free replica'],
  ])
  expect(ofKind(trace().spans, 'stage', 'person')).toEqual([
    ['stage', 'scope', 'orchestrator', 1, null, 'waits for a person'],
    ['person', 'gate scope', 'person', 6, null, 'waits for a person'],
  ])
})

test('a story that was cancelled ends all that was open', () => {
  const { at, first, trace } = telling()
  at(1, ask.scope(submitted, first))
  at(4, { type: events.StoryCancelled, source: 'web', cause: null, data: { reason: '' } })

  expect(lasting(trace().spans).map(({ end, outcome }) => [end, outcome])).toEqual([
    [4000, 'cancelled'],
    [4000, 'ended with the story'],
    [4000, 'ended with the story'],
    [4000, 'never begun'],
  ])
})

test('a run shows its wait for a replica, its calls of the model with what they cost, its tools', () => {
  const { at, first, trace } = telling()
  const scope = at(1, ask.scope(submitted, first))
  at(20, answered('scope', scope))
  const run = [
    ...[
      entry(3, 'started'),
      entry(4, 'prompt'),
      entry(6, 'session', { occupant }),
      entry(6, 'usage', { usage, model: 'claude-test' }),
    ],
    ...[entry(6, 'assistant', calls(1)), tool(7, 'started'), entry(9, 'result'), tool(9, 'ended', { ok: true })],
    ...[entry(12, 'usage', { usage, model: 'claude-test' }), entry(12, 'assistant', calls(1))],
    ...[
      tool(13, 'started', { callId: 'c2', tool: 'submit', text: 'submit' }),
      entry(14, 'result', { submitted: true }),
    ],
    ...[tool(14, 'ended', { callId: 'c2', tool: 'submit', text: 'submit', ok: true }), entry(15, 'answer')],
  ]

  const { spans } = trace({ source: 'analyst', runId: scope, entries: run })

  expect(ofKind(spans, 'wait', 'model', 'tool')).toEqual([
    ['wait', 'queue', 'analyst', 1, 3, 'attempt 1 began'],
    ['model', 'claude-test', 'llm-gateway', 4, 6, 'answered'],
    ['tool', 'shell: npm test', 'analyst', 7, 9, 'ok'],
    ['model', 'claude-test', 'llm-gateway', 9, 12, 'answered'],
    ['tool', 'submit', 'analyst', 13, 14, 'ok'],
  ])
  const models = spans.filter(({ kind }) => kind === 'model')
  expect(models.map(({ costUsd, tokens }) => [costUsd, tokens])).toEqual(Array(2).fill([0.25, 110]))
  expect(new Set(spans.map(({ id }) => id)).size).toBe(spans.length)
})

test('a call that is being made and a tool that runs are open; a killed attempt leaves nothing open', () => {
  const { at, first, trace } = telling()
  const runId = at(1, ask.scope(submitted, first))
  const began = [entry(2, 'started'), entry(3, 'prompt')]
  const typing = [
    ...began,
    entry(4, 'usage', { usage, model: 'm' }),
    entry(4, 'assistant', calls(1)),
    tool(5, 'started'),
  ]
  const again = [...typing, entry(9, 'started', {}, 2)]

  const below = [began, typing, again].map((entries) => {
    const { spans } = trace({ source: 'analyst', runId, entries })
    return ofKind(spans, 'request', 'wait', 'model', 'tool')
  })

  expect(below[0]?.at(-1)).toEqual(['model', 'model', 'llm-gateway', 3, null, 'at work'])
  expect(below[1]?.at(-1)).toEqual(['tool', 'shell: npm test', 'analyst', 5, null, 'at work'])
  expect(below[2]).toEqual([
    ['request', 'analyst', 'analyst', 1, null, 'at work · 2 attempts'],
    ['wait', 'queue', 'analyst', 1, 2, 'attempt 1 began'],
    ['model', 'm', 'llm-gateway', 3, 4, 'answered'],
    ['tool', 'shell: npm test', 'analyst', 5, 5, 'interrupted'],
    ['wait', 'until the next attempt', 'analyst', 5, 9, 'attempt 2 began'],
  ])
})

test('a call that failed and its next try are two, with what the lost one cost; a failed tool says how', () => {
  const { at, first, trace } = telling()
  const runId = at(1, ask.scope(submitted, first))
  const retry = (second: number) => entry(second, 'note', { type: 'retry', text: 'overloaded', delayMs: 1000 })
  const entries = [
    ...[entry(2, 'started'), entry(2, 'prompt'), retry(4), entry(7, 'usage', { usage, model: 'm' }), retry(7)],
    ...[entry(9, 'usage', { usage, model: 'm' }), entry(9, 'assistant', calls(1))],
    ...[tool(9, 'started'), entry(10, 'result'), tool(10, 'ended', { ok: true, exitCode: 2 })],
  ]

  const { spans } = trace({ source: 'analyst', runId, entries })

  expect(ofKind(spans, 'model', 'tool')).toEqual([
    ['model', 'model', 'llm-gateway', 2, 4, 'overloaded'],
    ['model', 'm', 'llm-gateway', 5, 7, 'overloaded'],
    ['model', 'm', 'llm-gateway', 8, 9, 'answered'],
    ['tool', 'shell: npm test', 'analyst', 9, 10, 'exit 2'],
    ['model', 'model', 'llm-gateway', 10, null, 'at work'],
  ])
  // Nobody has answered yet: what is spent so far is what the run says.
  expect(spans.find(({ kind }) => kind === 'request')?.costUsd).toBe(0.5)
})

test.for([
  ['questions', { kind: 'questions', questions: [{ id: 'q', text: 'Why?' }] }, 'question.answered'],
  ['budget', { kind: 'budget', spentUsd: 1, neededUsd: 1, budgetUsd: 1 }, 'budget.raised'],
  ['account', { kind: 'account', problem: 'No credit.' }, 'story.retried'],
] as const)('a run that waits for %s is the person’s time until that comes', ([name, waiting, type]) => {
  const { at, first, trace } = telling()
  const scope = at(1, ask.scope(submitted, first))
  at(2, scopePaused(scope, structuredClone(waiting) as Parameters<typeof scopePaused>[1]))
  const data = {
    'question.answered': { request: scope, answers: [{ id: 'q', text: 'Why?', answer: 'So.' }] },
    'budget.raised': { budgetUsd: 9 },
    'story.retried': {},
  }
  at(3, { type: events.StoryRetried, source: 'generic', cause: null, data: {} })
  at(8, { type: events.eventTypeOf(type) as Said['type'], source: 'web', cause: null, data: data[type] })

  expect(ofKind(trace().spans, 'request', 'person')).toEqual([
    ['request', 'analyst', 'analyst', 1, 2, `paused: ${name} · ${who}`],
    ['person', `analyst: ${name}`, 'person', 2, 8, `${type} by person`],
  ])
})

test('what failed stands until it is retried, and a stage sent back goes on in the same stage', () => {
  const { at, first, trace } = telling()
  at(2, scopeFailed(at(1, ask.scope(submitted, first))))
  const retried = at(5, { type: events.StoryRetried, source: 'web', cause: null, data: {} })
  at(6, ask.scope(submitted, retried))

  expect(ofKind(trace().spans, 'stage', 'request', 'person')).toEqual([
    ['stage', 'scope', 'orchestrator', 1, null, 'at work'],
    ['request', 'analyst', 'analyst', 1, 2, `failed: It broke. · ${who}`],
    ['person', 'analyst: failed', 'person', 2, 5, 'story.retried by person'],
    ['request', 'analyst', 'analyst', 6, null, 'at work'],
  ])
})

test('every seat is a request of its own; a wait for a build slot is seen, while it lasts too', () => {
  const { at, first, trace, log } = telling()
  const gate = (name: string, second: number, cause: string) => {
    const opened = at(second, gateOpened(name, cause))
    return at(second, {
      type: events.GateApproved,
      source: 'web',
      cause: opened,
      data: { gate: name, digest: digestOf(name), by: 'auto' },
    })
  }
  const scoped = gate('scope', 1, at(1, answered('scope', at(1, ask.scope(submitted, first)))))
  const frozen = at(1, policyFrozen(submitted, scoped))
  const designed = gate('design', 2, at(2, answered('design', at(2, ask.design(submitted, frozen)))))
  const planned = gate('architecture', 3, at(3, answered('architecture', at(3, ask.architecture(submitted, designed)))))
  const waiting = ofKind(traceOf([...log], []).spans, 'wait').at(-1)
  const built = at(10, answered('build', at(8, ask.build(submitted, planned))))
  const review = at(11, ask.review(submitted, built))
  at(12, answered('review', review, { source: 'security' }))

  const { spans } = trace()

  expect(waiting).toEqual(['wait', 'build slot', 'orchestrator', 3, null, 'waits'])
  const stage = spans.find(({ name }) => name === 'implementation')
  expect(
    lasting(spans)
      .filter(({ parent }) => parent === stage?.id)
      .map(seen),
  ).toEqual([
    ['wait', 'build slot', 'orchestrator', 3, 8, 'given'],
    ['request', 'implementer', 'implementer', 8, 10, `completed · ${who}`],
  ])
  const seats = spans.filter(({ kind, event }) => kind === 'request' && event === review)
  expect(seats.map(seen)).toEqual([
    ['request', 'checks', 'checks', 11, null, 'at work'],
    ['request', 'security', 'security', 11, 12, `approve, findings: 0 · ${who}`],
    ['request', 'refactor', 'refactor', 11, null, 'at work'],
    ['request', 'generic', 'generic', 11, null, 'at work'],
  ])
})

test('a stage in which a seat rejected says which, whoever approved beside it', () => {
  const { at, first, trace } = telling()
  const review = at(1, ask.review(submitted, first))
  at(2, answered('review', review, { source: 'security', findings: [finding('f1')] }))
  for (const source of ['checks', 'refactor', 'generic']) at(3, answered('review', review, { source }))

  const { spans } = trace()

  expect(ofKind(spans, 'stage')).toEqual([['stage', 'review', 'orchestrator', 1, 3, 'rejected by security']])
})

test('a call that is stopped while it waits for another try does not end before it begins', () => {
  const { at, first, trace } = telling()
  const runId = at(1, ask.scope(submitted, first))
  const retry = entry(4, 'note', { type: 'retry', text: 'overloaded', delayMs: 5000 })
  const entries = [entry(2, 'started'), entry(2, 'prompt'), retry, entry(6, 'stopped')]

  const { spans } = trace({ source: 'analyst', runId, entries })

  expect(ofKind(spans, 'model')).toEqual([
    ['model', 'model', 'llm-gateway', 2, 4, 'overloaded'],
    ['model', 'model', 'llm-gateway', 6, 6, 'stopped'],
    ['model', 'model', 'llm-gateway', 6, null, 'at work'],
  ])
})

test('every event is a span by the id its traceparent names, beneath what it belongs to, linked to all that caused it', () => {
  const { at, first, trace, log } = telling()
  const review = at(1, ask.review(submitted, first))
  const one = at(2, answered('review', review, { source: 'security', findings: [finding('f1')] }))
  const two = at(3, answered('review', review, { source: 'refactor', findings: [finding('f2')] }))
  for (const source of ['checks', 'generic']) at(3, answered('review', review, { source }))
  const build = ask.build(submitted, log.at(-1)?.id ?? '')
  const round = { round: 2, findings: [finding('f1'), finding('f2')] }
  const again = at(5, { ...build, data: { ...(build.data as object), ...round } })

  const { spans } = trace()

  const said = (id: string) => spans.find((span) => span.id === spanIdOf(id))
  const seat = spans.find(({ kind, service }) => kind === 'request' && service === 'security')
  expect(said(one)).toMatchObject({ kind: 'event', name: 'review.completed', service: 'security', parent: seat?.id })
  expect(said(review)?.parent).toBe(spans.find(({ kind }) => kind === 'stage')?.id)
  expect(said(again)?.links).toEqual([log.at(-2)?.id ?? '', one, two].map(spanIdOf))
  expect(spans.filter(({ kind }) => kind === 'event')).toHaveLength(log.length)
  const known = new Set(spans.map(({ id }) => id))
  expect([known.size, spans.filter(({ parent }) => parent !== null && !known.has(parent))]).toEqual([spans.length, []])
})

test('an attempt takes the request from its queue, and holds what was done; one that broke is an error', () => {
  const { at, first, trace } = telling()
  const runId = at(1, ask.scope(submitted, first))
  const setup = { model: 'claude-asked', maxTokens: 9 }
  const entries = [
    ...[entry(2, 'started', { replica: '2' }), entry(3, 'failure', { message: 'A secret path broke.' })],
    ...[entry(5, 'started', {}, 2), entry(5, 'prompt', { setup }), entry(6, 'usage', { usage, model: 'claude-test' })],
    ...[entry(6, 'assistant', { ...calls(1), stopReason: 'tool_use' }), tool(7, 'started')],
    ...[entry(8, 'result', { submitted: true }), tool(8, 'ended', { ok: true, exitCode: 1 })],
    entry(8, 'note', { type: 'check', state: 'started', check: 'lint' }),
    ...[entry(9, 'note', { type: 'check', state: 'ended', check: 'lint', ok: true, exitCode: 0 }), entry(9, 'answer')],
  ]

  const { spans } = trace({ source: 'analyst', runId, entries })

  const [broken, second] = spans.filter(({ kind }) => kind === 'attempt')
  expect([broken, second].map((span) => span && [...seen(span), span.failed])).toEqual([
    ['attempt', 'attempt 1', 'analyst', 2, 3, 'failed: A secret path broke.', true],
    ['attempt', 'attempt 2', 'analyst', 5, 9, 'answered', undefined],
  ])
  const within = spans.filter(({ parent }) => parent === second?.id)
  expect(within.map(seen)).toEqual([
    ['model', 'claude-test', 'llm-gateway', 5, 6, 'answered'],
    ['tool', 'shell: npm test', 'analyst', 7, 8, 'exit 1'],
    ['check', 'lint', 'analyst', 8, 9, 'ok'],
  ])
  expect(within.map(({ attributes }) => attributes)).toMatchObject([
    {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'claude-asked',
      'gen_ai.response.finish_reasons': ['tool_use'],
      'gen_ai.usage.input_tokens': 100,
    },
    { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'shell', 'process.exit.code': 1 },
    { 'sluice.check': 'lint' },
  ])
  expect(broken?.attributes).toMatchObject({ 'messaging.operation.name': 'process', 'sluice.replica': '2' })
})

test('nothing that anybody wrote stands in an attribute', () => {
  const { at, first, trace } = telling()
  const runId = at(1, ask.scope(submitted, first))
  const secret = 'Only for these walls.'
  const entries = [entry(2, 'started'), entry(2, 'prompt'), tool(3, 'started', { text: secret })]
  const failing = [...entries, entry(4, 'failure', { message: secret })]
  at(5, scopeFailed(runId))
  const opened = at(6, gateOpened('scope', runId))
  const data = { gate: 'scope', digest: digestOf('scope'), by: 'person', comment: secret }
  at(7, { type: events.GateRejected, source: 'web', cause: opened, data })

  const { spans } = trace({ source: 'analyst', runId, entries: failing })

  expect(JSON.stringify(spans.map(({ name, outcome }) => [name, outcome]))).toContain(secret)
  expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toMatch(/walls|Keep drafts|It broke/)
})
