/** The line and the raw chain, each on a broker of its own with its processes, side by side and idle until they are asked. */
import { dirname } from 'node:path'
import { type Bus, jetstreamManager } from '@sluice/kit/bus.ts'
import { readAll } from '@sluice/kit/follow.ts'
import { openLog } from '@sluice/kit/log.ts'
import { resolveBroker } from '@sluice/kit/resolve/broker.ts'
import { startBroker } from '@sluice/kit/testing/broker.ts'
import { type Child, startChild } from '../child.ts'
import type { Pids } from '../usage.ts'
import { openChains } from './chains.ts'
import { hops } from './hops.ts'
import type { Many } from './many.ts'
import { openPerson } from './person.ts'
import { steps } from './steps.ts'

/** One of the sides that are compared: `many` drives it, `pids` are all processes that work for it. */
export type Side = AsyncDisposable & { many: Many; pids: Pids }

export type LineSide = Side & {
  /** What one story left behind: messages by stream, those of STORY by type, and their mean size. */
  perStory(): Promise<PerStory>
}
export type PerStory = {
  messages: { STORY: number; RUN: number; leases: number }
  events: Record<string, number>
  eventBytes: number
}

export async function brokerOnPath(): Promise<void> {
  process.env.PATH = `${dirname((await resolveBroker()).path)}:${process.env.PATH}`
}

export async function openLine(): Promise<LineSide> {
  await using stack = new AsyncDisposableStack()
  const stop = new AbortController()
  const broker = stack.use(await startBroker(steps))
  const child = (name: string): Promise<Child> =>
    startChild(new URL(name, import.meta.url), { url: broker.url, dir: broker.dir })
  const conductor = stack.use(await child('./conductor.ts'))
  const workers = stack.use(await child('./workers.ts'))
  const log = openLog('bench', { write: () => {} })
  const many = await openPerson(await broker.connect('web'), log, stop.signal)
  stack.defer(() => stop.abort())
  const reader = await broker.connect('supervisor')
  const things = stack.move()
  return {
    many,
    pids: { server: broker.pid(), orchestrator: conductor.pid, roles: workers.pid, driver: process.pid },
    async perStory() {
      const stories = many.count()
      const events = (await readAll(reader, 'story.n1.>')).map(({ event }) => event)
      const bytes = events.reduce((sum, event) => sum + JSON.stringify(event).length, 0)
      return {
        messages: {
          STORY: (await stored(reader, 'STORY')) / stories,
          RUN: (await stored(reader, 'RUN')) / stories,
          leases: (await stored(reader, 'KV_leases')) / stories,
        },
        events: countedBy(events.map(({ type }) => type)),
        eventBytes: Math.round(bytes / events.length),
      }
    },
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

export type ChainSide = Side & {
  /** Messages that one chain left on STORY. */
  perChain(): Promise<number>
}

/** Chains whose messages are as large as a story's are on average. */
export async function openChain(bytes: number): Promise<ChainSide> {
  await using stack = new AsyncDisposableStack()
  const broker = stack.use(await startBroker(hops))
  const worker = stack.use(await startChild(new URL('./chain-worker.ts', import.meta.url), { url: broker.url }))
  const bus = await broker.connect('supervisor')
  const many = await openChains(bus, 'x'.repeat(Math.max(0, bytes - ENVELOPE_BYTES)))
  const things = stack.move()
  return {
    many,
    pids: { server: broker.pid(), hops: worker.pid, driver: process.pid },
    perChain: async () => (await stored(bus, 'STORY')) / many.count(),
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

const stored = async (bus: Bus, stream: string): Promise<number> =>
  (await (await jetstreamManager(bus.nc, { checkAPI: false })).streams.info(stream)).state.last_seq

/** What an event weighs without its data. */
const ENVELOPE_BYTES = 230

function countedBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
