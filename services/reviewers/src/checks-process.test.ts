/** The checks as the process they are: on a real broker, killed in the middle of a check, started anew. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { artifactStore } from '@sluice/kit/artifacts.ts'
import { type Bus, readMessage } from '@sluice/kit/bus.ts'
import { readJournal } from '@sluice/kit/journal.ts'
import { processStart } from '@sluice/kit/process.ts'
import { record } from '@sluice/kit/record.ts'
import { startBroker } from '@sluice/kit/testing/broker.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import { type Review, ReviewRequested } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { checks } from './checks.ts'
import { reviewWorld } from './testing/world.ts'

const program = fileURLToPath(new URL('./checks.ts', import.meta.url))

test('killed in the middle of a check, the next attempt ends what ran and comes to the verdict', async () => {
  await using world = await reviewWorld({ base: { a: 'a\n' }, head: { a: 'b\n' } })
  await using house = await houseOf()
  const { id, data } = world.request({ config: { checks: [{ name: 'test', command: 'sleep 3; grep b a' }] } })
  const saying = { type: ReviewRequested, source: 'orchestrator', projectId: 'p1', storyId: 's1', cause: id }
  const asked = record({ ...saying, data, now: new Date('2026-01-01T00:00:00Z') })
  const first = house.start()
  await house.orchestrator.publish(asked)
  const began = await house.process(asked.id)

  first.kill('SIGKILL')
  house.start()
  const verdict = await house.verdict()

  expect(verdict).toMatchObject({ seat: 'checks', verdict: 'approve', judged: world.judged, checks: [{ exitCode: 0 }] })
  expect(processStart(began.pid)).not.toBe(began.start)
  expect((await readdir(join(house.dir, 'runs', asked.id))).filter((name) => name.startsWith('checks-'))).toEqual([])
}, 60_000)

// ── the world of this test ───────────────────────────────────────────────────

async function houseOf() {
  await using stack = new AsyncDisposableStack()
  const broker = stack.use(await startBroker([checks], { ackWaitMs: 1_000 }))
  const web = stack.use(await webOf(broker.dir))
  await mkdir(join(broker.dir, 'bus'))
  const config = { url: broker.url, user: 'checks', password: 'checks', ackWaitMs: 1_000, web, gateway: web }
  await writeFile(join(broker.dir, 'bus', 'checks.json'), JSON.stringify(config))
  const children: ChildProcess[] = []
  stack.defer(async () => {
    await Promise.all(children.map(ended))
  })
  const watcher = await broker.connect('supervisor')
  const journal = await broker.connect('checks')
  const things = stack.move()
  return {
    dir: broker.dir,
    orchestrator: await broker.connect('orchestrator'),
    start() {
      const env = { PATH: process.env.PATH, SLUICE_DATA: broker.dir }
      const child = spawn(process.execPath, [program], { env, stdio: 'ignore' })
      children.push(child)
      return child
    },
    process: (runId: string) => processOf(journal, runId),
    verdict: () => verdictOn(watcher),
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

/** Keeps artifacts, and opens a run as the gateway does. */
async function webOf(dir: string): Promise<AsyncDisposable & { url: string; token: string; secret: string }> {
  const store = artifactStore(join(dir, 'artifacts'))
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    if (request.method === 'PUT') await store.put(body, { name: 'log', mediaType: 'text/plain' })
    response.end(JSON.stringify({ token: 'run', egressUrl: `http://${request.headers.host}` }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, token: 't', secret: 's', [Symbol.asyncDispose]: close }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}

/** The first process a check was run in, once the journal has it. */
async function processOf(bus: Bus, runId: string): Promise<{ pid: number; start: string }> {
  const entry = async () => (await readJournal(bus, 's1', runId)).find(({ kind }) => kind === 'process')
  await expect.poll(entry, { timeout: 30_000 }).toBeDefined()
  return (await entry())?.data as { pid: number; start: string }
}

async function verdictOn(bus: Bus): Promise<EventOf<typeof Review.completed>['data']> {
  const consumer = await bus.js.consumers.get('STORY', {})
  for await (const message of await consumer.consume()) {
    const parsed = readMessage(message)
    if (parsed.kind === 'event' && parsed.event.type === 'review.completed') return parsed.event.data
    if (parsed.kind === 'event' && parsed.event.type === 'review.failed') throw new Error(parsed.event.data.reason)
  }
  throw new Error('There was no verdict.')
}
