/** BullMQ on Debian's redis-server: a story is a flow of eight jobs, each the only child of the next (its own guide to step jobs). */
import { connect } from 'node:net'
import { join } from 'node:path'
import { findProgram, thisMachine } from '@sluice/kit/resolve/machine.ts'
import { startChild } from '../child.ts'
import { openMany } from '../line/many.ts'
import { STEPS } from '../line/steps.ts'
import type { Side } from '../slices.ts'
import { debianPackages, importFrom, npmPackages } from './fetched.ts'
import { startServer } from './server.ts'

export const BULLMQ = ['bullmq@6.7.0', 'ioredis@5.11.1'] as const
/** As its guide to production says: append-only file, a flush a second (redis's default), nothing evicted. */
const REDIS = ['--port', '0', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction', '--save', '']

/** What is used of the package: it is fetched, not installed, so its own types are not here. */
export type BullMQ = {
  FlowProducer: new (options: object) => { add(flow: Flow): Promise<unknown>; close(): Promise<void> }
  QueueEvents: new (
    queue: string,
    options: object,
  ) => {
    on(event: 'completed', heard: (told: { jobId: string }) => void): void
    waitUntilReady(): Promise<unknown>
    close(): Promise<void>
  }
  Worker: new (queue: string, work: () => Promise<unknown>, options: object) => { waitUntilReady(): Promise<unknown> }
}
type Flow = { name: string; queueName: string; data: unknown; opts?: { jobId: string }; children?: Flow[] }

export const queueOf = (step: string): string => `step-${step}`

export async function openBullMQ(padding: string): Promise<Side & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const place = await npmPackages('bullmq', BULLMQ)
  const redis = stack.use(await startRedis())
  const connection = { path: join(redis.dir, 'redis.sock'), maxRetriesPerRequest: null }
  const workers = stack.use(
    await startChild(new URL('./bullmq-workers.ts', import.meta.url), { place, connection, padding }),
  )

  const { FlowProducer, QueueEvents } = await importFrom<BullMQ>(place, 'bullmq')
  const flows = new FlowProducer({ connection })
  const many = openMany((id) => flows.add(flowOf(id, padding)))
  const events = new QueueEvents(queueOf(STEPS[STEPS.length - 1] ?? ''), { connection })
  events.on('completed', ({ jobId }) => many.ended(jobId))
  await events.waitUntilReady()
  // Before their server goes: they would look for it for ever.
  stack.defer(async () => void (await Promise.all([flows.close(), events.close()])))
  const things = stack.move()
  return {
    many,
    pids: { server: redis.pid, workers: workers.pid, driver: process.pid },
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

/** The last step is the parent of all: it is done when the story is. */
function flowOf(id: string, padding: string): Flow {
  const flow = STEPS.reduce<Flow | undefined>(
    (child, step) => ({ name: step, queueName: queueOf(step), data: padding, ...(child ? { children: [child] } : {}) }),
    undefined,
  ) as Flow
  return { ...flow, opts: { jobId: id } }
}

/** redis-server on PATH, else Debian's in the cache. */
async function startRedis() {
  const onPath = await findProgram(thisMachine(), 'redis-server')
  const root = onPath ? '' : await debianPackages('redis', ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1'])
  const libraries = join(root, 'usr/lib', process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu')
  return startServer({
    command: (dir) => [onPath ?? join(root, 'usr/bin/redis-server'), '--unixsocket', join(dir, 'redis.sock'), ...REDIS],
    env: () => (onPath ? {} : { LD_LIBRARY_PATH: libraries }),
    isUp: (dir) =>
      new Promise((resolve) => {
        const socket = connect(join(dir, 'redis.sock'), () => resolve(socket.destroy() !== undefined))
        socket.once('error', () => resolve(false))
      }),
  })
}
