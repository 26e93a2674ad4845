/** `kill -9` of the one who owns a house: nothing is left, nothing is lost, and the next one goes on. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readAll } from '@sluice/kit/follow.ts'
import { scopeRequested } from '@sluice/kit/testing/fixtures.ts'
import { expect, test, vi } from 'vitest'
import { processesOf } from './testing/processes.ts'
import { type TinyWorld, tinyWorld } from './testing/tiny-world.ts'

const services = ['orchestrator', 'llm-gateway', 'analyst', 'implementer', 'checks']

test('nothing of it runs two seconds later', async () => {
  await using world = await tinyWorld()
  const owner = await startOwner(world)
  expect(processesOf(world.dataDir).length).toBeGreaterThan(services.length)

  owner.kill('SIGKILL')

  await vi.waitUntil(() => processesOf(world.dataDir).length === 0, { timeout: 2_000, interval: 50 })
})

test('killed in the middle of its start, nothing of it runs either', async () => {
  await using world = await tinyWorld()
  const owner = spawnOwner(world)
  await vi.waitUntil(() => processesOf(world.dataDir).length > 2, { timeout: 15_000, interval: 5 })

  owner.kill('SIGKILL')

  // Node reads its standard input only once it has loaded the service.
  await vi.waitUntil(() => processesOf(world.dataDir).length === 0, { timeout: 15_000, interval: 50 })
})

test('the next one has everything that was recorded', async () => {
  await using world = await tinyWorld()
  const owner = await startOwner(world)
  await using bus = await world.connect('orchestrator')
  await bus.publish(scopeRequested('s1'))
  owner.kill('SIGKILL')
  await once(owner, 'exit')

  await using house = await world.open({ only: [] })
  await house.ready

  await using again = await world.connect('orchestrator')
  expect((await readAll(again, 'story.s1.>')).map(({ event }) => event.type)).toEqual(['scope.requested'])
})

test('what slept through the end of its owner is ended by the next one', async () => {
  await using world = await tinyWorld()
  const owner = await startOwner(world)
  const before = processesOf(world.dataDir)
  for (const pid of before) process.kill(pid, 'SIGSTOP')
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  expect(processesOf(world.dataDir).length).toBeGreaterThan(1)

  await using house = await world.open({ only: [] })
  await house.ready

  expect(processesOf(world.dataDir).filter((pid) => before.includes(pid))).toEqual([])
})

function spawnOwner({ dataDir, repository }: TinyWorld): ChildProcess {
  const script = join(import.meta.dirname, 'testing', 'house-owner.ts')
  return spawn(process.execPath, [script, dataDir, repository, ...services], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function startOwner(world: TinyWorld): Promise<ChildProcess> {
  const owner = spawnOwner(world)
  if (!owner.stdout) throw new Error('no pipe')
  await once(createInterface({ input: owner.stdout }), 'line')
  return owner
}
