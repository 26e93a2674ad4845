/** What a publisher notices when the broker forbids, forgets or is away: many at once share one inbox. */
import { Scope, ScopeRequested } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { Stale } from './bus.ts'
import { startBroker } from './testing/broker.ts'
import { scopeRequested } from './testing/fixtures.ts'

const analyst = { name: 'analyst', takes: ScopeRequested, gives: Scope, uses: [] } as const

test('each of many at once hears its own answer', async () => {
  await using broker = await startBroker([analyst])
  const bus = await broker.connect('analyst')
  const put = (n: number) => bus.put(`run.analyst.s1.r1.${n}`, { n }, 0)

  await Promise.all(Array.from({ length: 50 }, (_, n) => put(n)))
  const found = await Promise.all(Array.from({ length: 51 }, (_, n) => bus.last('RUN', `run.analyst.s1.r1.${n}`)))

  expect(found.map((entry) => (entry?.data as { n: number } | undefined)?.n ?? null)).toEqual([
    ...Array.from({ length: 50 }, (_, n) => n),
    null,
  ])
  await expect(put(7)).rejects.toBeInstanceOf(Stale)
})

test('what the broker forbids is refused at once, and nothing else with it', async () => {
  await using broker = await startBroker([analyst])
  const bus = await broker.connect('analyst')

  const [forbidden, allowed] = await Promise.allSettled([
    bus.put('run.designer.s1.r1.1', {}, 0),
    bus.put('run.analyst.s1.r1.1', {}, 0),
  ])

  expect(forbidden).toMatchObject({
    status: 'rejected',
    reason: { message: expect.stringMatching(/permissions violation/i) },
  })
  expect(allowed).toEqual({ status: 'fulfilled', value: 1 })
})

test('a write while the broker is away is written when it is back, once', async () => {
  await using broker = await startBroker([analyst])
  const bus = await broker.connect('orchestrator')
  await broker.stop()

  const writing = bus.publish(scopeRequested('s1'))
  await broker.restart()

  const { sequence } = await writing
  expect(sequence).toBe(1)
  expect(await bus.publish(scopeRequested('s1'))).toEqual({ sequence: 1, duplicate: true })
})

test('a request that comes for a hand that has left goes to another', async () => {
  await using broker = await startBroker([analyst])
  const orchestrator = await broker.connect('orchestrator')
  const [leaving, staying] = [await broker.connect('analyst'), await broker.connect('analyst')]
  const gone = leaving.taking('take-analyst')
  const nothing = gone.next(5_000)
  await leaving.nc.flush()

  gone[Symbol.dispose]()
  await orchestrator.publish(scopeRequested('s1'))

  expect(await nothing).toBeNull()
  using hand = staying.taking('take-analyst')
  expect(await hand.next(5_000)).toMatchObject({ subject: 'story.s1.scope.requested.orchestrator' })
})
