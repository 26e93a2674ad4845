/** What the broker lets each user say: pinned, and attacked. */
import { Scope, ScopeRequested } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { type Bus, readMessage } from './bus.ts'
import { takeLease } from './lease.ts'
import { completed } from './outcome.ts'
import { otherUsers, permissionsOf } from './permissions.ts'
import { record } from './record.ts'
import { defineRole } from './role.ts'
import { startBroker } from './testing/broker.ts'
import { scopeRequested } from './testing/fixtures.ts'

const role = (name: string) =>
  defineRole({ name, takes: ScopeRequested, gives: Scope, uses: [], answer: async () => completed({} as never) })
const [analyst, foreign] = [role('analyst'), role('foreign')]

test('a role may say its answers, take its requests, keep its journal, and nothing else', () => {
  expect(permissionsOf(analyst)).toEqual({
    publish: [
      'story.*.scope.completed.analyst',
      'story.*.scope.paused.analyst',
      'story.*.scope.failed.analyst',
      'story.*.message.parked.analyst',
      '$JS.API.CONSUMER.INFO.STORY.take-analyst',
      '$JS.API.CONSUMER.MSG.NEXT.STORY.take-analyst',
      '$JS.ACK.STORY.take-analyst.>',
      'run.analyst.>',
      '$JS.API.DIRECT.GET.RUN.run.analyst.>',
      'term.analyst.>',
      '$KV.leases.analyst.>',
      '$JS.API.DIRECT.GET.KV_leases.$KV.leases.analyst.>',
    ],
    subscribe: [
      ...['_INBOX_analyst.>', 'ctl.analyst.>'],
      ...['$SRV.PING', '$SRV.INFO', '$SRV.STATS', '$SRV.*.analyst', '$SRV.*.analyst.*'],
    ],
  })
})

test('the page hears STORY, cards and terminals, and says nothing', () => {
  const { publish, subscribe } = otherUsers.page ?? { publish: [], subscribe: [] }

  expect(publish.every((subject) => /^\$(JS\.API\.(STREAM|CONSUMER)|JS\.FC)\./.test(subject))).toBe(true)
  expect([...new Set(publish.flatMap((subject) => /STORY|KV_\w+|RUN/.exec(subject) ?? []))]).toEqual([
    'STORY',
    'KV_cards',
  ])
  expect(subscribe).toEqual(['_INBOX_page.>', 'term.>'])
})

test('telemetry reads both streams and says nothing', () => {
  const { publish, subscribe } = otherUsers.telemetry ?? { publish: [], subscribe: [] }

  expect(publish.filter((subject) => !/^\$(JS\.API\.(STREAM\.INFO|CONSUMER)|JS\.FC)\./.test(subject))).toEqual([])
  expect(publish.filter((subject) => !/\.(STORY|RUN)(\.>)?$/.test(subject))).toEqual([])
  expect(subscribe).toEqual([
    '_INBOX_telemetry.>',
    ...['$SRV.PING', '$SRV.INFO', '$SRV.STATS', '$SRV.*.telemetry', '$SRV.*.telemetry.*'],
  ])
})

test.for([
  ['a forged approval', 'story.s1.gate.approved.web'],
  ['a verdict of another seat', 'story.s1.scope.completed.analyst'],
  ['the journal of another', 'run.analyst.s1.r1.1'],
  ['the lease of another', '$KV.leases.analyst.r1'],
  ['a consumer of its own on RUN', '$JS.API.CONSUMER.CREATE.RUN.x.run.foreign.>'],
  ['a consumer of its own on STORY', '$JS.API.CONSUMER.CREATE.STORY.x.story.>'],
  ['a message out of RUN by sequence', '$JS.API.STREAM.MSG.GET.RUN'],
  ['a direct read of the journal of another', '$JS.API.DIRECT.GET.RUN.run.analyst.s1.r1.1'],
  ['the durable of another', '$JS.API.CONSUMER.MSG.NEXT.STORY.take-analyst'],
  ['the terminal of another', 'term.analyst.s1.r1'],
  ['a card', '$KV.cards.s1'],
  ['reading cards', '$JS.API.CONSUMER.CREATE.KV_cards.x.$KV.cards.>'],
  ['deleting a stream', '$JS.API.STREAM.DELETE.STORY'],
] as const)('%s is refused by the broker', async ([, subject]) => {
  await using broker = await startBroker([analyst, foreign])
  const bus = await broker.connect('foreign')

  await expect(bus.nc.request(subject, '{}', { timeout: 2_000 })).rejects.toThrow(/Permissions Violation/)
})

test.for([
  ['to everybody', 'story.>'],
  ['for what another is asked of how it does', '$SRV.STATS.analyst'],
] as const)('listening %s is refused', async ([, subject]) => {
  await using broker = await startBroker([analyst, foreign])
  const bus = await broker.connect('foreign')
  const refused = Promise.withResolvers<Error>()

  bus.nc.subscribe(subject, { callback: (error) => (error ? refused.resolve(error) : undefined) })

  expect((await refused.promise).name).toBe('PermissionViolationError')
})

test('an approval that the broker is made to deliver out of a journal is nobody’s word', async () => {
  await using broker = await startBroker([foreign])
  const bus = await broker.connect('foreign')
  const forged = {
    ...scopeRequested('s1'),
    source: 'web',
    type: 'gate.approved',
    data: { gate: 'scope', digest: '0'.repeat(64), by: 'person' },
  }
  const target = 'story.s1.gate.approved.web'
  await bus.put('run.foreign.s1.r1.1', forged, 0)

  bus.nc.publish('$JS.API.DIRECT.GET.RUN.run.foreign.s1.r1.1', '', { reply: target })
  await bus.nc.flush()

  const supervisor = await broker.connect('supervisor')
  const stored = await stream(supervisor, target)
  // The attack is real: the copy stands in STORY. That it is a copy makes it unreadable.
  expect(stored.json()).toMatchObject({ type: 'gate.approved' })
  expect(readMessage(stored)).toMatchObject({ kind: 'unreadable' })
})

test('a second orchestrator with an old view is refused', async () => {
  await using broker = await startBroker([analyst])
  const [first, second] = [await broker.connect('orchestrator'), await broker.connect('orchestrator')]
  await first.publish(scopeRequested('s1'), { expectedSequence: 0 })

  const late = second.publish(scopeRequested('s1', 'another', 1), { expectedSequence: 0 })

  await expect(late).rejects.toMatchObject({ name: 'Stale' })
})

test('the same event twice is stored once', async () => {
  await using broker = await startBroker([analyst])
  const bus = await broker.connect('orchestrator')

  const [one, two] = [await bus.publish(scopeRequested('s1')), await bus.publish(scopeRequested('s1'))]

  expect([one.duplicate, two.duplicate, two.sequence]).toEqual([false, true, one.sequence])
})

test('an event carries its story’s trace', async () => {
  await using broker = await startBroker([analyst])
  const bus = await broker.connect('orchestrator')

  await bus.publish(scopeRequested('s1'))
  await bus.publish(scopeRequested('s1', 'again', 1))

  const stored = await stream(await broker.connect('supervisor'), 'story.s1.scope.requested.orchestrator')
  const parent = stored.headers?.get('traceparent') ?? ''
  expect(parent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
})

test('a lease is one attempt’s: the next take ends the one before', async () => {
  await using broker = await startBroker([analyst])
  const bus = await broker.connect('analyst')
  const first = await takeLease(bus, 'r1', 'a')
  const second = await takeLease(bus, 'r1', 'b')
  if ('revoked' in first || 'revoked' in second) throw new Error('not revoked')

  await expect(first.check()).rejects.toMatchObject({ name: 'LeaseLost' })

  await second.check()
  expect(second.attempt).toBeGreaterThan(first.attempt)
})

test('an event that its own schema refuses is never recorded', () => {
  const bad = {
    type: Scope.failed,
    source: 'analyst',
    projectId: 'p',
    storyId: 's',
    cause: null,
    now: new Date(),
    data: { reason: '' },
  }

  expect(() => record(bad as never)).toThrow()
})

async function stream(bus: Bus, subject: string) {
  const consumer = await bus.js.consumers.get('STORY', { filter_subjects: subject })
  const message = await consumer.next({ expires: 5_000 })
  if (!message) throw new Error(`Nothing on ${subject}.`)
  return message
}
