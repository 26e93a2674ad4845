/** A seat that is reached over REST: a connection of its own to the bus while somebody asks, and what is in hand. */
import { type Bus, connectBus } from '@sluice/kit/bus.ts'
import { endProcesses } from '@sluice/kit/end-processes.ts'
import type { Log } from '@sluice/kit/log.ts'
import { noMeans } from '@sluice/kit/no-means.ts'
import type { Handled, ServeOptions } from '@sluice/kit/serve.ts'
import { serveNext } from '@sluice/kit/serve-next.ts'
import pack from '../../package.json' with { type: 'json' }
import type { SeatKey } from './keys.ts'
import { type Hold, handing } from './take.ts'

export type SeatOptions = {
  log: Log
  signal: AbortSignal
  runsDir: string
  /** Without a sign of life for this long a reviewer has fallen; otherwise twice what the broker waits. */
  aliveMs?: number | undefined
  idleMs: number
}

/** `done` resolves when the verdict is said, or is known not to be. */
export type Take = Hold & { done: Promise<Handled> }

export type Seat = AsyncDisposable & {
  aliveMs: number
  /** The next request, or null when none came in time or the asker left. */
  take(asking: Asking): Promise<Take | null>
  /** One that was handed out lately, also when it has ended. */
  find(id: string): Take | undefined
  /** The one that was handed out to an asker with this key. */
  takenWith(key: string): Take | undefined
  /** Its credentials are not good any more. */
  abandon(): void
}

type Asking = { waitMs: number; asker: AbortSignal; key?: string | undefined }

const REMEMBERED = 200

export function openSeat(name: string, key: SeatKey, options: SeatOptions): Seat {
  const { idleMs } = options
  const abandoned = new AbortController()
  const signal = AbortSignal.any([options.signal, abandoned.signal])
  const aliveMs = options.aliveMs ?? 2 * key.ackWaitMs
  const takes = new Map<string, Take & { askedWith: string | undefined }>()
  const serving = new Set<Promise<unknown>>()
  let bus: Promise<Bus> | null = null
  let idle: NodeJS.Timeout | undefined

  async function take(asking: Asking): Promise<Take | null> {
    const until = Date.now() + asking.waitMs
    const serveOptions = optionsFor(name, await connected(), key.ackWaitMs, { ...options, signal })
    while (!asking.asker.aborted && !signal.aborted) {
      const next = await nextOf(serveOptions, { ...asking, waitMs: until - Date.now() })
      if (next !== 'passed' || Date.now() >= until) return next === 'passed' ? null : next
    }
    return null
  }

  /** `passed`: what came was none for an asker, and there may be more. */
  async function nextOf(serve: ServeOptions, asking: Asking): Promise<Take | null | 'passed'> {
    const { promise: handed, resolve: hand } = Promise.withResolvers<Hold>()
    const served = serveNext(handing({ seat: name, aliveMs, hand }), serve, asking)
    keepUntilDone(served)
    const next = await Promise.race([handed, served])
    if (next === null) return null
    if (typeof next === 'string') return 'passed'
    const { key: askedWith } = asking
    const take = {
      ...next,
      askedWith,
      done: served.then(
        (handled): Handled => handled ?? 'lost',
        (): Handled => 'later',
      ),
    }
    remember(take)
    if (asking.asker.aborted) take.giveBack()
    return take
  }

  function remember(take: Take & { askedWith: string | undefined }): void {
    takes.set(take.id, take)
    const [oldest] = takes.keys()
    if (takes.size > REMEMBERED && oldest !== undefined) takes.delete(oldest)
  }

  /** A seat nobody asks for has no connection: whoever sits there on the bus is alone with its durable. */
  function keepUntilDone(served: Promise<unknown>): void {
    clearTimeout(idle)
    serving.add(served)
    const done = () => {
      serving.delete(served)
      if (serving.size === 0) idle = setTimeout(() => void close(), idleMs).unref()
    }
    served.then(done, done)
  }

  async function connected(): Promise<Bus> {
    bus ??= connectBus(key.bus).catch((error: unknown) => {
      bus = null
      throw error
    })
    return bus
  }

  async function close(): Promise<void> {
    const open = bus
    bus = null
    await (await open?.catch(() => null))?.[Symbol.asyncDispose]()
  }

  return {
    ...{ take, aliveMs },
    find: (id) => takes.get(id),
    takenWith: (key) => [...takes.values()].findLast(({ askedWith }) => askedWith === key),
    abandon() {
      abandoned.abort(new Error('The seat has changed hands.'))
      void close()
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(idle)
      await Promise.allSettled(serving)
      await close()
    },
  }
}

const optionsFor = (
  name: string,
  bus: Bus,
  ackWaitMs: number,
  { log, signal, runsDir }: SeatOptions,
): ServeOptions => ({
  ...{ bus, log: log.child({ seat: name }), signal, runsDir, ackWaitMs, endProcesses },
  ...{ version: pack.version, means: noMeans },
})
