/** The books: what a call costs is entered on the lines, in the ledger and on RUN, each exactly once, whatever dies in between. */
import type { Log } from '@sluice/kit/log.ts'
import type { ApiUsage, Price } from '@sluice/kit/prices.ts'
import { usageOf } from '@sluice/kit/prices.ts'
import type { Spent } from '@sluice/kit/spend.ts'
import type { Usage } from '@sluice/proto/parts.ts'
import type { LedgerEntry } from '@sluice/proto/rest.ts'
import type { Begun, BegunCalls, Ended } from './begun.ts'
import { type Amount, accountsOf } from './budget.ts'
import { dayOf } from './day.ts'
import type { OpenLines } from './lines.ts'

export type Books = {
  /** A name for the next call under this key: the first is its digest and 0; of a call that was lost another one is told apart. */
  nameFor(digest: string): string
  /** On the disk before the call leaves: killed from here on, it counts as the most it can have cost. */
  begin(call: Begun): Promise<void>
  /** What it reported so far bounds what it can cost. */
  learn(call: Begun, worst: Usage): Promise<void>
  /** The provider did not take it: it may be sent again. */
  unsent(call: Begun): Promise<void>
  /** It will not be made. */
  drop(call: Begun): Promise<void>
  /** Resolves once it is kept and entered here; that others hear of it is seen to. */
  end(call: Begun, ended: Ended): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

type Means = {
  begun: BegunCalls
  lines: OpenLines
  enter(entry: LedgerEntry): Promise<void>
  publishUsage(said: Spent): Promise<void>
  log: Log
  /** Names that were given before. */
  names: Set<string>
  /** How long an answer is held back for the bus to hear what it cost. */
  tellMs?: number
  againMs?: number
  /** Told at each step: what a test kills the process by. */
  onStep?(step: 'begun' | 'ended' | 'entered' | 'published'): void
}

export function openBooks({ names, tellMs = 2_000, againMs = 5_000, onStep, ...means }: Means): Books {
  const { begun, lines, log } = means
  const telling = new Set<Promise<void>>()
  const closing = new AbortController()

  /** Said again until the bus has it: the name makes it one. */
  async function publish(call: Begun, ended: Ended): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        return await means.publishUsage(spentOf(call, ended, ended.usage as Usage))
      } catch (error) {
        log.error({ error, storyId: call.storyId, usage: ended.usage }, 'usage could not be published')
        await Promise.race([new Promise((resolve) => setTimeout(resolve, againMs).unref()), aborted(closing.signal)])
      }
    }
    // Left on the disk: whoever starts next says it.
    throw new Error('closing')
  }

  async function tell(call: Begun, ended: Ended): Promise<void> {
    await means.enter(entryOf(call, ended))
    onStep?.('entered')
    if (ended.usage) await publish(call, ended)
    onStep?.('published')
    await begun.forget(call.id)
  }

  return {
    nameFor(digest) {
      for (let n = 0; ; n++) {
        const name = `${digest}.${n}`
        if (names.has(name)) continue
        names.add(name)
        return name
      }
    },
    async begin(call) {
      await begun.write(call)
      onStep?.('begun')
    },
    learn: (call, worst) => begun.write({ ...call, worst }),
    unsent: (call) => begun.forget(call.id),
    async drop(call) {
      names.delete(call.id)
      lines.settle({ id: call.id, accounts: accountsFor(call) }, amountOf(null))
      await begun.forget(call.id)
    },
    async end(call, ended) {
      lines.settle({ id: call.id, accounts: accountsFor(call) }, amountOf(ended.usage))
      await begun.write({ ...call, ended })
      onStep?.('ended')
      const told = tell(call, ended).catch((error: unknown) => {
        if (!closing.signal.aborted) log.error({ error, storyId: call.storyId }, 'what a call cost waits on the disk')
      })
      telling.add(told)
      void told.finally(() => telling.delete(told))
      await Promise.race([told, new Promise((resolve) => setTimeout(resolve, tellMs).unref())])
    },
    async [Symbol.asyncDispose]() {
      const all = Promise.allSettled(telling)
      await Promise.race([all, new Promise((resolve) => setTimeout(resolve, tellMs).unref())])
      closing.abort()
      await all
    },
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

export const accountsFor = ({ storyId, role, at }: Pick<Begun, 'storyId' | 'role' | 'at'>) =>
  accountsOf({ storyId, role, day: dayOf(at) })

/** What a plan counts: tokens read from the cache are sent again and again, and are none of it. */
export const amountOf = (usage: Usage | null): Amount =>
  usage === null
    ? { usd: 0, tokens: 0 }
    : { usd: usage.costUsd, tokens: usage.inputTokens + usage.cacheWriteTokens + usage.outputTokens }

export function spentOf(call: Begun, { at, estimated }: Ended, usage: Usage): Spent {
  const { id, storyId, runId, role, model, replica, login } = call
  const more = { ...(replica && { replica }), ...(estimated && { estimated }), ...(login && { login }) }
  return { id, storyId, runId, role, model, usage, at, ...more }
}

export function entryOf(call: Begun, { usage, outcome, bytesIn, at, estimated }: Ended): LedgerEntry {
  const { id, storyId, role, runId, replica, model, host, bytesOut, login } = call
  const about = { storyId, role, runId, model, ...(replica && { replica }), ...(login && { login }) }
  const cost = usage ? { usage, ...(estimated && { estimated }) } : {}
  return { at, door: 'model', host, bytesOut, bytesIn, outcome, id, ...about, ...cost }
}

/** What a killed gateway left: how each of those calls ended, as far as the disk knows. */
export function endedOf(call: Begun, kept: { usage: Usage; bytes: number; at: string } | null, now: string): Ended {
  if (call.ended) return call.ended
  if (kept) return { usage: kept.usage, estimated: false, outcome: '200', bytesIn: kept.bytes, at: kept.at }
  return { usage: call.worst, estimated: true, outcome: 'lost: the gateway ended', bytesIn: 0, at: now }
}

export const usageFor = (api: ApiUsage, price: Price, login: boolean | undefined): Usage =>
  // Nobody is sent a bill for it: the plan's windows say what is left.
  login ? { ...usageOf(api, price), costUsd: 0 } : usageOf(api, price)
