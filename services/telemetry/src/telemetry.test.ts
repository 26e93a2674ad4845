/** Telemetry as the process it is, beside a collector: a whole story, each span once, whoever is away or killed meanwhile. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { startBroker } from '@sluice/kit/testing/broker.ts'
import { type ReceivedSpan, startReceiver } from '@sluice/kit/testing/otlp-receiver.ts'
import { spanIdOf, traceIdOf } from '@sluice/kit/trace.ts'
import type { Event } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('./telemetry.ts', import.meta.url))
const corpus = new URL('../../../proto/corpus/0.1-story.jsonl', import.meta.url)
const story = (await readFile(corpus, 'utf8'))
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Event)
const half = Math.floor(story.length / 2)
const isWhole = (spans: ReceivedSpan[]) => spans.some(({ name }) => name === 'story')

test('killed in the middle and started again, it leaves one whole trace, each span sent once', async () => {
  await using world = await openWorld()
  await world.tell(story.slice(0, half))
  await world.start()
  await world.says('exported')
  const before = world.collector.spans()
  await world.kill()
  await world.tell(story.slice(half))

  await world.start()
  const spans = await world.collector.until(isWhole)

  expect(published(before)).toHaveLength(half)
  const ids = spans.map(({ spanId }) => spanId)
  expect(ids).toHaveLength(new Set(ids).size)
  expect(spans.filter(({ parentSpanId }) => parentSpanId !== '' && !ids.includes(parentSpanId))).toEqual([])
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([traceIdOf(story[0] as Event)]))
  expect(new Set(published(spans))).toEqual(new Set(story.map(({ id }) => spanIdOf(id))))
  expect(spans.filter(({ start, end }) => end < start)).toEqual([])
}, 120_000)

test('what the collector was sent and never confirmed is sent again, under the same ids', async () => {
  const asked = Promise.withResolvers<void>()
  const never = Promise.withResolvers<number>()
  const hang = () => {
    asked.resolve()
    return never.promise
  }
  await using world = await openWorld({ answers: [hang, async () => 500] })
  await world.tell(story)
  await world.start()
  await asked.promise
  await world.kill()
  never.resolve(200)
  const lost = await world.collector.until(isWhole)

  // The second answer is an error: it is tried again until the third takes it.
  await world.start()
  const spans = await world.collector.until((all) => all.length >= 2 * lost.length)

  expect(new Set(spans.map(({ spanId }) => spanId))).toEqual(new Set(lost.map(({ spanId }) => spanId)))
}, 120_000)

test('what a run does is told of while it works, and every delivery stands in the ledger', async () => {
  await using world = await openWorld()
  const scope = story.findIndex(({ type }) => type === 'scope.requested')
  await world.tell(story.slice(0, scope + 1))
  await world.start()
  await world.collector.until((spans) => published(spans).length === scope + 1)

  await world.write(story[scope] as Event, 1, 'started')
  await world.write(story[scope] as Event, 2, 'failure', { message: 'It broke.' })
  const spans = await world.collector.until((all) => all.some(({ name }) => name === 'process scope.requested'))

  const [attempt] = spans.filter(({ name }) => name === 'process scope.requested')
  expect(attempt).toMatchObject({ failed: true, resource: { 'service.name': 'analyst' } })
  await world.entered(world.collector.deliveries.length)
  const host = new URL(world.collector.url).host
  expect(world.ledger).toEqual(
    world.collector.deliveries.map(({ body }) => ({ host, bytesOut: body.length, bytesIn: 0, outcome: 'taken' })),
  )
}, 120_000)

// ── the world of these tests ─────────────────────────────────────────────────

const published = (spans: ReceivedSpan[]) =>
  spans.filter(({ name }) => name.startsWith('publish ')).map(({ spanId }) => spanId)

async function openWorld({ answers = [] as (() => Promise<number>)[] } = {}) {
  await using stack = new AsyncDisposableStack()
  const broker = stack.use(await startBroker([]))
  const collector = stack.use(await startReceiver({ answer: async () => (await answers.shift()?.()) ?? 200 }))
  const ledger: unknown[] = []
  const gateway = createServer(async (request, response) => {
    ledger.push(JSON.parse(await text(request)))
    response.writeHead(request.headers.authorization === 'Bearer secret' ? 204 : 401).end()
    gateway.emit('entered')
  }).listen(0, '127.0.0.1')
  await once(gateway, 'listening')
  stack.defer(() => void gateway.close())
  await mkdir(join(broker.dir, 'bus'))
  const url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`
  const user = { url: broker.url, user: 'telemetry', password: 'telemetry', ackWaitMs: 3_000 }
  const config = { ...user, gateway: { url, secret: 'secret' } }
  await writeFile(join(broker.dir, 'bus', 'telemetry.json'), JSON.stringify(config))
  const bus = await broker.connect('supervisor')
  let child: ChildProcess | undefined
  let lines: Interface | undefined
  let said: string[] = []
  async function says(word: string): Promise<void> {
    while (!said.some((line) => line.includes(`"${word}"`))) if (lines) await once(lines, 'line')
  }
  const end = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  stack.defer(() => end('SIGTERM'))
  const things = stack.move()

  return {
    ...{ collector, ledger, kill: () => end('SIGKILL') },
    async entered(n: number) {
      while (ledger.length < n) await once(gateway, 'entered')
    },
    async tell(events: Event[]) {
      for (const event of events) await bus.publish(event)
    },
    write: ({ id, storyId }: Event, n: number, kind: string, data: object = {}) =>
      bus.put(`run.analyst.${storyId}.${id}.${n}`, { kind, attempt: 1, at: new Date().toISOString(), data }, 0),
    async start() {
      const env = { PATH: process.env.PATH, SLUICE_DATA: broker.dir, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
      child = spawn(process.execPath, [program], { env, stdio: ['pipe', 'inherit', 'pipe'] })
      said = []
      lines = createInterface({ input: child.stderr as NodeJS.ReadableStream })
      lines.on('line', (line) => said.push(line))
      await says('ready')
    },
    says,
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}
