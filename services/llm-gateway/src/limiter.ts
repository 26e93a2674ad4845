/** One limiter for all replicas: after the provider said no, its account's calls wait here until the reset, in turn between stories. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LimiterView } from '@sluice/proto/rest.ts'
import { type Hold, heldBy, windowsIn } from './provider-limits.ts'

/** Whose call of what: the provider's limits are an account's, and most of them a model's. */
export type Place = { account: string; model: string }

/** Disposed of when the call has ended, whatever became of it. */
export type Turn = Disposable & {
  kind: 'turn'
  /** What the provider answered. */
  heard(reply: { status: number; headers: Headers }): void
}
/** It would take longer than anybody should wait here. */
export type Limited = { kind: 'limited'; resetsAt: string; why: string }

export type Limiter = {
  take(call: Place & { storyId: string; signal: AbortSignal; longestMs?: number }): Promise<Turn | Limited>
  view(): LimiterView
}

export type LimiterOptions = {
  /** Calls under way at once. */
  calls?: number
  /** How long a call may wait here: no replica is kept for longer. */
  longestMs?: number
  now?: () => number
}

type Waiting = Place & { storyId: string; until: number; resolve: (turn: Turn | Limited) => void }
type Held = Hold & { where: string; refusals: number; probing: boolean }

export function openLimiter({ calls = 8, longestMs = 60_000, now = Date.now }: LimiterOptions = {}): Limiter {
  const holds = new Map<string, Held>()
  const queue = new Set<Waiting>()
  const underWay = new Map<string, number>()
  const lastServed = new Map<string, number>()
  let windows: LimiterView['windows'] = []
  let served = 0
  let alarm: NodeJS.Timeout | undefined

  const running = () => [...underWay.values()].reduce((sum, n) => sum + n, 0)
  const holdsOn = (place: Place): Held[] =>
    [wholeAccount(place.account), keyOf(place)].flatMap((key) => holds.get(key) ?? [])
  /** Past its time a hold lets one call through, to see whether it still stands. */
  const mayGo = (place: Place) => holdsOn(place).every(({ until, probing }) => until <= now() && !probing)
  const heldUntil = (place: Place) => Math.max(0, ...holdsOn(place).map(({ until }) => until))

  /** The story with the fewest calls under way comes first; among equals, who was served longest ago. */
  function nextInLine(): Waiting | undefined {
    return [...queue].filter(mayGo).sort((a, b) => {
      const busy = (underWay.get(a.storyId) ?? 0) - (underWay.get(b.storyId) ?? 0)
      return busy || (lastServed.get(a.storyId) ?? 0) - (lastServed.get(b.storyId) ?? 0)
    })[0]
  }

  function serve(): void {
    while (running() < calls) {
      const next = nextInLine()
      if (!next) break
      queue.delete(next)
      next.resolve(turnFor(next))
    }
    clearTimeout(alarm)
    const times = [...queue].map(heldUntil).filter((until) => until > now())
    if (times.length > 0) alarm = setTimeout(serve, Math.min(...times) - now() + 1).unref()
  }

  function turnFor(place: Waiting): Turn {
    const { storyId } = place
    underWay.set(storyId, (underWay.get(storyId) ?? 0) + 1)
    lastServed.set(storyId, ++served)
    const probed = holdsOn(place)
    for (const hold of probed) hold.probing = true
    let open = true
    return {
      kind: 'turn',
      heard(reply) {
        windows = windowsIn(reply.headers, windows, new Date(now()).toISOString())
        hear(place, reply, probed)
      },
      [Symbol.dispose]() {
        if (!open) return
        open = false
        for (const hold of probed) hold.probing = false
        const left = (underWay.get(storyId) ?? 1) - 1
        if (left > 0) underWay.set(storyId, left)
        else underWay.delete(storyId)
        serve()
      },
    }
  }

  function hear(place: Place, reply: { status: number; headers: Headers }, probed: readonly Held[]): void {
    const refusals = Math.max(0, ...holdsOn(place).map((hold) => hold.refusals))
    const said = heldBy(reply, { now: now(), refusals })
    if (said.hold) {
      const where = said.whole ? wholeAccount(place.account) : keyOf(place)
      holds.set(where, { ...said.hold, where, refusals: refusals + (said.refused ? 1 : 0), probing: false })
    } else if (reply.status < 400) {
      // Who was under way before the provider said no knows nothing of it: only who came after proves that it is over.
      for (const hold of probed) if (holds.get(hold.where) === hold) holds.delete(hold.where)
    }
    // Who would have to wait for too long is told at once.
    for (const one of [...queue].filter((one) => heldUntil(one) > one.until)) {
      queue.delete(one)
      one.resolve(limited(one))
    }
    serve()
  }

  const limited = (place: Place): Limited => {
    const why = holdsOn(place).toSorted((a, b) => b.until - a.until)[0]?.why ?? `all ${calls} calls at once are taken`
    return { kind: 'limited', resetsAt: new Date(Math.max(heldUntil(place), now() + 1_000)).toISOString(), why }
  }

  return {
    async take({ signal, longestMs: mostMs = longestMs, ...place }) {
      signal.throwIfAborted()
      const until = now() + mostMs
      if (heldUntil(place) > until) return limited(place)
      const { promise, resolve } = Promise.withResolvers<Turn | Limited>()
      const waiting: Waiting = { ...place, until, resolve }
      queue.add(waiting)
      serve()
      const over = new AbortController()
      const either = AbortSignal.any([signal, over.signal])
      const late = sleep(mostMs, null, { signal: either, ref: false }).catch(() => null)
      const first = await Promise.race([promise, late])
      over.abort()
      // Its turn may have come in the very moment it gave up.
      const turn = first ?? (queue.delete(waiting) ? null : await promise)
      if (signal.aborted && turn?.kind === 'turn') turn[Symbol.dispose]()
      signal.throwIfAborted()
      return turn ?? limited(place)
    },
    view: () => ({
      calls,
      underWay: running(),
      waiting: queue.size,
      held: [...holds].flatMap(([key, { until, why }]) =>
        until > now()
          ? [
              {
                account: key.split(' ')[0] ?? key,
                model: key.split(' ')[1] ?? null,
                until: new Date(until).toISOString(),
                why,
              },
            ]
          : [],
      ),
      windows,
    }),
  }
}

const wholeAccount = (account: string): string => account
const keyOf = ({ account, model }: Place): string => `${account} ${model}`
