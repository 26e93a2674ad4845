/** The loop of a reader: every event of STORY in order, from a sequence on, for as long as the process lives. */

import { DeliverPolicy, type StreamInfo } from '@nats-io/jetstream'
import type { Event, Parsed } from '@sluice/proto/events.ts'
import { z } from 'zod'
import { type Bus, type Consumer, isCopy, type JsMsg, jetstreamManager, readMessage } from './bus.ts'
import type { Log } from './log.ts'

export type Followed = { event: Event; subject: string; sequence: number }

/** What somebody said under a subject of their own and nobody can read; `request` is the one it names, where that can be read. */
export type Unreadable = { subject: string; sequence: number; reason: string; request: string | null }

export type FollowOptions = {
  bus: Bus
  log: Log
  signal: AbortSignal
  /** The first sequence wanted; 1 is everything. */
  from?: number
  /** One subject filter (NATS 2.9 knows no more). */
  filter?: string
  /** Called in order, one at a time; what it throws ends the loop. */
  onEvent(followed: Followed): void | Promise<void>
  /** Called in order with the events, for what is no event. */
  onUnreadable?(unreadable: Unreadable): void
  /** Called after each message, also one that nobody can read. */
  onSeen?(sequence: number): void
  /** Called once, when all that was recorded at the start has been seen. */
  onCaughtUp?(sequence: number): void | Promise<void>
}

/** Follows until `signal` aborts. A message nobody can read is skipped and logged: the log goes on. */
export async function follow(options: FollowOptions): Promise<void> {
  const { bus, signal, log, onEvent, onSeen, onCaughtUp, filter } = options
  let next = options.from ?? 1
  let behind = await lastSequence(bus, signal)
  const caughtUp = async (sequence: number) => {
    behind = 0
    await onCaughtUp?.(sequence)
  }
  if (behind < next) await caughtUp(next - 1)

  while (!signal.aborted) {
    try {
      const consumer = await consumerFrom(bus, next, filter)
      if (behind > 0 && (await consumer.info()).num_pending === 0) await caughtUp(behind)
      for await (const message of messagesOf(consumer, signal)) {
        const parsed = readMessage(message)
        if (parsed.kind === 'event')
          await onEvent({ event: parsed.event, subject: message.subject, sequence: message.seq })
        else skip(message, parsed)
        // Only now: what its reader could not take in because the broker went away is shown again.
        next = message.seq + 1
        onSeen?.(message.seq)
        // With a filter the last sequence of the stream may be none of ours: `pending` says when ours are through.
        if (behind > 0 && (message.seq >= behind || message.info.pending === 0)) await caughtUp(message.seq)
      }
    } catch (error) {
      if (signal.aborted) return
      if (!isFromBroker(error)) throw error
      log.warn({ err: error }, 'the stream is away')
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }

  function skip(message: JsMsg, parsed: Exclude<Parsed, { kind: 'event' }>): void {
    const { subject, seq: sequence } = message
    log.warn({ subject, sequence, parsed }, 'skipped')
    if (parsed.kind !== 'unreadable' || isCopy(message)) return
    options.onUnreadable?.({ subject, sequence, reason: parsed.reason, request: requestIn(message) })
  }
}

const Naming = z.object({ data: z.object({ request: z.string() }) })

function requestIn(message: JsMsg): string | null {
  try {
    return Naming.safeParse(message.json()).data?.data.request ?? null
  } catch {
    return null
  }
}

const consumerFrom = (bus: Bus, from: number, filter: string | undefined): Promise<Consumer> =>
  bus.js.consumers.get('STORY', {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
    ...(filter ? { filter_subjects: filter } : {}),
  })

async function* messagesOf(consumer: Consumer, signal: AbortSignal): AsyncGenerator<JsMsg> {
  const messages = await consumer.consume({ max_messages: 500 })
  const stop = () => void messages.close()
  signal.addEventListener('abort', stop, { once: true })
  // Told to stop while the consumer was being made, nobody would tell again.
  if (signal.aborted) stop()
  try {
    yield* messages
  } finally {
    signal.removeEventListener('abort', stop)
    await messages.close()
  }
}

async function lastSequence(bus: Bus, signal: AbortSignal): Promise<number> {
  return (await streamInfo(bus, signal))?.state.last_seq ?? 0
}

/** A broker or a stream that is not there yet is waited for; null when told to stop meanwhile. */
async function streamInfo(bus: Bus, signal: AbortSignal): Promise<StreamInfo | null> {
  while (!signal.aborted) {
    const info = await jetstreamManager(bus.nc, { checkAPI: false })
      .then((jsm) => jsm.streams.info('STORY'))
      .catch(() => null)
    if (info) return info
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  return null
}

const isFromBroker = (error: unknown): boolean =>
  error instanceof Error &&
  /JetStream|Timeout|Connection|Request|NoResponders|Consumer|Stream|Draining/.test(error.name + error.constructor.name)

/** Tells this stream from another that stood or will stand under its name: a sequence kept elsewhere means nothing there. */
export async function streamIdentity(bus: Bus, signal: AbortSignal): Promise<string> {
  return (await streamInfo(bus, signal))?.created ?? ''
}

/** Everything recorded so far that a filter lets through, in order. */
export const readAll = (bus: Bus, filter: string): Promise<Followed[]> => Array.fromAsync(recorded(bus, filter))

/** As `readAll`, one after the other: for who looks at more than fits in memory. */
export async function* recorded(bus: Bus, filter: string): AsyncGenerator<Followed> {
  const consumer = await bus.js.consumers.get('STORY', { filter_subjects: filter })
  const { num_pending: pending } = await consumer.info()
  if (pending === 0) return
  for await (const message of await consumer.consume({ max_messages: 500 })) {
    const parsed = readMessage(message)
    if (parsed.kind === 'event') yield { event: parsed.event, subject: message.subject, sequence: message.seq }
    if (message.info.pending === 0) return
  }
}
