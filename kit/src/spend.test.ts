/** What a gateway that is started anew knows of the money. */
import { noUsage } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import { publishSpent, readSpent, type Spent, spentOn } from './spend.ts'
import { startBroker } from './testing/broker.ts'

const spent = (id: string, storyId: string, costUsd: number): Spent => ({
  id,
  storyId,
  runId: 'run-0001',
  role: 'analyst',
  model: 'claude-opus-5-5',
  usage: { ...noUsage, costUsd },
})

test('every call is found again, one that was said twice once', async () => {
  await using broker = await startBroker([])
  const bus = await broker.connect('llm-gateway')
  const before = await Array.fromAsync(readSpent(bus))
  for (const call of [spent('a', 's1', 1), spent('b', 's2', 2), spent('a', 's1', 1)]) await publishSpent(bus, call)

  const after = await Array.fromAsync(readSpent(bus))

  expect(before).toEqual([])
  expect(after.map(({ id, usage }) => [id, usage.costUsd])).toEqual([
    ['a', 1],
    ['b', 2],
  ])
})

test('what a role spent on a request is its own alone, each call once', async () => {
  await using broker = await startBroker([])
  const [bus, web] = [await broker.connect('llm-gateway'), await broker.connect('web')]
  const calls = [
    ...[spent('a', 's1', 1), spent('b', 's1', 2), spent('a', 's1', 1)],
    { ...spent('c', 's1', 4), role: 'security' },
    { ...spent('d', 's1', 8), runId: 'run-0002' },
  ]
  for (const call of calls) await publishSpent(bus, call)

  const run = { storyId: 's1', request: 'run-0001' }

  expect((await spentOn(web, { ...run, role: 'analyst' })).costUsd).toBe(3)
  expect((await spentOn(web, { ...run, role: 'security' })).costUsd).toBe(4)
  expect((await spentOn(web, { ...run, role: 'generic' })).costUsd).toBe(0)
})
