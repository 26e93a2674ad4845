/** What a broker is told before anybody speaks, told again while requests are in hand. */
import { Scope, ScopeRequested } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { prepareBroker } from './broker.ts'
import type { Bus } from './bus.ts'
import { durableOf, type RoleShape } from './permissions.ts'
import { startBroker } from './testing/broker.ts'
import { scopeRequested } from './testing/fixtures.ts'

const analyst: RoleShape = { name: 'analyst', takes: ScopeRequested, gives: Scope, uses: [] }

test('what a role had in hand when everything ended comes at once, what was answered before it does not', async () => {
  await using world = await threeTaken()
  await world.acknowledge(0)

  await prepareBroker(world.admin.nc, [analyst], { allHandsEmpty: true })

  expect(await world.next()).toBe('s2')
  expect(await world.next()).toBe('s3')
})

test('while roles run nothing is taken out of their hands', async () => {
  await using world = await threeTaken()

  await prepareBroker(world.admin.nc, [analyst], { ackWaitMs: 20_000 })

  expect(await world.next()).toBeNull()
})

test('a durable that was made anew lives on: another wait is taken over', async () => {
  await using world = await threeTaken()
  await prepareBroker(world.admin.nc, [analyst], { allHandsEmpty: true })

  await prepareBroker(world.admin.nc, [analyst], { ackWaitMs: 20_000 })

  const consumer = await world.role.js.consumers.get('STORY', durableOf('analyst'))
  expect((await consumer.info()).config.ack_wait).toBe(20_000 * 1e6)
})

/** Three requests, all delivered to a role that has not answered. */
async function threeTaken() {
  const broker = await startBroker([analyst])
  const [admin, role, orchestrator] = await Promise.all(
    ['supervisor', 'analyst', 'orchestrator'].map((user) => broker.connect(user)),
  )
  if (!admin || !role || !orchestrator) throw new Error('Nobody connected.')
  for (const id of ['s1', 's2', 's3']) await orchestrator.publish(scopeRequested(id))
  const taken = [await take(role), await take(role), await take(role)]
  return {
    ...{ admin, role },
    acknowledge: async (i: number) => void (await taken[i]?.ackAck()),
    next: async () => (await take(role))?.subject.split('.')[1] ?? null,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  }
}

async function take({ js }: Bus) {
  const consumer = await js.consumers.get('STORY', durableOf('analyst'))
  return consumer.next({ expires: 1_000 })
}
