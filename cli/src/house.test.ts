/** What a person has of a house: everything up, nothing left, no secret in the wrong hand. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ServiceView } from '@sluice/proto/rest.ts'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { environOf, processesOf } from './testing/processes.ts'
import { tinyWorld } from './testing/tiny-world.ts'

const only = ['orchestrator', 'analyst', 'llm-gateway']

test('all that was asked for is up, and whoever may ask is told so', async () => {
  await using world = await tinyWorld()
  await using house = await world.open({ only })
  await house.ready
  await using web = await world.connect('web')

  const reply = await web.nc.request('command.services', '', { timeout: 5_000 })

  const { services } = z.object({ services: z.array(ServiceView) }).parse(reply.json())
  const told = services.map(({ name, state, restarts }) => `${name} ${state} ${restarts}`).sort()
  expect(told).toEqual(['analyst running 0', 'broker running 0', 'llm-gateway running 0', 'orchestrator running 0'])
  expect(services.find(({ name }) => name === 'analyst')).toMatchObject({ busy: 0, pending: 0, lastError: null })
})

test('what it keeps only its owner may read', async () => {
  await using world = await tinyWorld()
  await using house = await world.open({ only: [] })
  await house.ready
  const modeOf = (path: string) => (statSync(join(world.dataDir, path)).mode & 0o777).toString(8)

  const files = readdirSync(join(world.dataDir, 'bus')).filter((name) => name.endsWith('.json') || name === 'nats.conf')

  expect(files.length).toBeGreaterThan(13)
  expect(new Set(files.map((name) => modeOf(`bus/${name}`)))).toEqual(new Set(['600']))
  expect(['token', 'house.json', 'keys.json'].map(modeOf)).toEqual(['600', '600', '600'])
  expect(['.', 'bus'].map(modeOf)).toEqual(['700', '700'])
})

test('a second house on the same data is told who has it, and changes nothing', async () => {
  await using world = await tinyWorld()
  await using house = await world.open({ only: [] })

  const second = world.open({ only: [] })

  await expect(second).rejects.toThrow(
    `Sluice already runs on ${world.dataDir} (process ${process.pid}, on ${house.origin}). Use that one, or stop it first`,
  )
  await using web = await world.connect('web')
  expect((await web.nc.request('command.services', '', { timeout: 5_000 })).json()).toHaveProperty('services')
})

test('closed and opened again it is the same house: its token and passwords stay good', async () => {
  await using world = await tinyWorld()
  const before = await world.open({ only: [] })
  const [{ token }, { password }] = [before, world.config('analyst')]
  await before[Symbol.asyncDispose]()

  await using after = await world.open({ only: [] })

  expect([after.token, world.config('analyst').password]).toEqual([token, password])
})

test('closed, nothing of it runs', async () => {
  await using world = await tinyWorld()
  const house = await world.open({ only })
  await house.ready
  expect(processesOf(world.dataDir).length).toBeGreaterThan(3)

  await house[Symbol.asyncDispose]()

  expect(processesOf(world.dataDir)).toEqual([])
  expect(readdirSync(world.dataDir)).not.toContain('house.json')
})

test('a service that is killed is started again, and the broker too', async () => {
  await using world = await tinyWorld()
  await using house = await world.open({ only: ['analyst'] })
  await house.ready
  for (const { pid } of house.pids()) process.kill(pid ?? 0, 'SIGKILL')

  await vi.waitUntil(() => house.pids().every(({ state, restarts }) => state === 'running' && restarts > 0), 15_000)

  expect(house.pids().map(({ name, lastError }) => `${name}: ${lastError}`)).toEqual([
    'broker: It ended with SIGKILL.',
    'analyst: It ended with SIGKILL.',
  ])
})

test('a role has as many replicas as are wanted, and the last ones leave first', async () => {
  await using world = await tinyWorld()
  await using house = await world.open({ only: ['analyst'] })
  await house.ready
  const replicas = () => house.pids().filter(({ name }) => name === 'analyst')

  await house.scale('analyst', 3)
  const three = replicas().map(({ replica, state }) => `${replica} ${state}`)
  await house.scale('analyst', 1)

  expect(three).toEqual(['1 running', '2 running', '3 running'])
  expect(replicas().map(({ replica }) => replica)).toEqual(['1'])
  await expect(house.scale('orchestrator', 2)).rejects.toThrow('There is one orchestrator and no more.')
})

test('the key of the model reaches the gateway and nobody else', async () => {
  await using world = await tinyWorld()
  const env = { ...process.env, ANTHROPIC_API_KEY: 'sk-ant-for-the-gateway' }
  await using house = await world.open({ only, env })
  await house.ready

  const holders = house.pids().filter(({ pid }) => environOf(pid ?? 0).ANTHROPIC_API_KEY)

  expect(holders.map(({ name }) => name)).toEqual(['llm-gateway'])
})

test('with an upstream of its own no key of the environment reaches anybody', async () => {
  await using world = await tinyWorld()
  const env = { ...process.env, ANTHROPIC_API_KEY: 'sk-ant-for-nobody', ANTHROPIC_BASE_URL: 'http://127.0.0.1:1' }
  const upstream = { url: 'http://127.0.0.1:2', key: 'scripted' }
  await using house = await world.open({ only, env, upstream })
  await house.ready

  expect(
    house.pids().flatMap(({ pid }) => Object.keys(environOf(pid ?? 0)).filter((k) => /ANTHROPIC/.test(k))),
  ).toEqual([])
  expect(world.config('llm-gateway').own).toMatchObject({ upstream })
})
