/** A broker that was there before is used only when it keeps reviewers from speaking for others, or when a person says so. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@sluice/kit/testing/broker.ts'
import { Session } from '@sluice/proto/rest.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { foreignBroker } from './bus-place.ts'
import { sluice } from './testing/run.ts'
import { type TinyWorld, tinyWorld } from './testing/tiny-world.ts'

let world: TinyWorld
beforeEach(async () => {
  world = await tinyWorld()
})
afterEach(() => world[Symbol.asyncDispose](), 60_000)

const only = ['web', 'orchestrator'] as const

test('one that lets anybody in is refused, and named on the page where it is trusted all the same', async () => {
  await using broker = await nats('websocket { host: 127.0.0.1, port: WS, no_tls: true }')

  await expect(world.open({ only, env: broker.env })).rejects.toThrow(
    /lets any reviewer sign as security, approve for you, read what others work on, take the requests of security/,
  )

  await using house = await world.open({ only, env: broker.env, trustBus: true })
  await house.ready
  const reply = await fetch(`${house.origin}/api/session`, { headers: { authorization: `Bearer ${house.token}` } })
  expect(Session.parse(await reply.json()).bus).toMatchObject({
    ...{ url: broker.env.SLUICE_NATS_WS_URL, problem: expect.stringContaining('approve for you') },
  })
  expect(house.pids().map(({ name }) => name)).not.toContain('broker')
}, 90_000)

test('one with the users that are printed is used', async () => {
  const [page, websocket] = [await freePort(), await freePort()]
  const data = join(world.dataDir, '..', 'base')
  const printed = await sluice(['bus', '--page', String(page), '--websocket', String(websocket)], { data })
  await using broker = await nats(printed.stdout, websocket)

  await using house = await world.open({ dataDir: join(data, 'work'), only, env: broker.env, port: page })
  await house.ready

  expect(house.busProblem).toBeNull()
}, 60_000)

test('one that knows none of our users is refused with the mend', async () => {
  await using broker = await nats('authorization { user: somebody, password: else }')

  await expect(world.open({ only, env: broker.env })).rejects.toThrow(/does not know the user supervisor.*sluice bus/)
})

test('one that is not there is refused', async () => {
  const env = { ...process.env, SLUICE_NATS_URL: 'nats://127.0.0.1:9', SLUICE_NATS_WS_URL: 'ws://127.0.0.1:9' }

  await expect(world.open({ only, env })).rejects.toThrow(/No broker answers at 127.0.0.1:9/)
})

test.for([
  ['nats://me:secret@127.0.0.1', 'ws://127.0.0.1:1', /names a user/],
  ['nats://127.0.0.1', undefined, /SLUICE_NATS_WS_URL is not/],
  ['http://127.0.0.1', 'ws://127.0.0.1:1', /SLUICE_NATS_URL is no address/],
  ['nats://127.0.0.1', 'elsewhere:x', /SLUICE_NATS_WS_URL is no address/],
] as const)('%s with %s will not do', ([url, websocket, says]) => {
  expect(() => foreignBroker({ SLUICE_NATS_URL: url, SLUICE_NATS_WS_URL: websocket })).toThrow(says)
})

test('the usual port is meant where none is named', () => {
  expect(foreignBroker({ SLUICE_NATS_URL: '127.0.0.1', SLUICE_NATS_WS_URL: 'ws://127.0.0.1:4223/' })).toMatchObject({
    ...{ url: '127.0.0.1:4222', websocket: 'ws://127.0.0.1:4223' },
  })
})

/** A nats-server of somebody else's; `WS` in its configuration is its websocket's port. */
async function nats(more: string, websocket?: number) {
  const dir = await mkdtemp(join(tmpdir(), 'slc-foreign-'))
  const [port, ws] = [await freePort(), websocket ?? (await freePort())]
  const own = `host: 127.0.0.1\nport: ${port}\nmax_payload: 1MB\njetstream { store_dir: ${JSON.stringify(dir)} }\n`
  await writeFile(join(dir, 'nats.conf'), own + more.replace('WS', String(ws)))
  const server = spawn('nats-server', ['-c', join(dir, 'nats.conf')], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ready = Promise.withResolvers<void>()
  server.stderr.on('data', (chunk: Buffer) => chunk.includes('Server is ready') && ready.resolve())
  await Promise.race([ready.promise, once(server, 'exit').then(() => Promise.reject(new Error('nats-server ended.')))])
  return {
    env: {
      ...process.env,
      ...{ SLUICE_NATS_URL: `nats://127.0.0.1:${port}`, SLUICE_NATS_WS_URL: `ws://127.0.0.1:${ws}` },
    },
    async [Symbol.asyncDispose]() {
      const gone = once(server, 'exit')
      server.kill()
      await gone
      await rm(dir, { recursive: true, force: true })
    },
  }
}
