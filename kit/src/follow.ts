/** The loop of a reader: every event of STORY in order, from a sequence on, for as long as the process lives. */

import { DeliverPolicy } from '@nats-io/jetstream'
import type { Event } from '@sluice/proto/events.ts'
import { type Bus, type JsMsg, jetstreamManager, readMessage } from './bus.ts'
import type { Log } from './log.ts'

export type Followed = { event: Event; subject: string; sequence: number }

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
  /** Called once, when all that was recorded at the start has been seen. */
  onCaughtUp?(sequence: number): void | Promise<void>
}

/** Follows until `signal` aborts. A message nobody can read is skipped and logged: the log goes on. */
export async function follow(options: FollowOptions): Promise<void> {
  const { bus, signal, log, onEvent, onCaughtUp, filter } = options
  let next = options.from ?? 1
  let behind = await lastSequence(bus, signal)
  if (behind < next) {
    behind = 0
    await onCaughtUp?.(next - 1)
  }

  while (!signal.aborted) {
    try {
      for await (const message of subscribe(bus, next, filter, signal)) {
        next = message.seq + 1
        const parsed = readMessage(message)
        if (parsed.kind === 'event')
          await onEvent({ event: parsed.event, subject: message.subject, sequence: message.seq })
        else log.warn({ subject: message.subject, sequence: message.seq, parsed }, 'skipped')
        // With a filter the last sequence of the stream may be none of ours: `pending` says when ours are through.
        if (behind > 0 && (message.seq >= behind || message.info.pending === 0)) {
          behind = 0
          await onCaughtUp?.(message.seq)
        }
      }
    } catch (error) {
      if (signal.aborted) return
      if (!isFromBroker(error)) throw error
      log.warn({ err: error }, 'the stream is away')
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}

async function* subscribe(
  bus: Bus,
  from: number,
  filter: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<JsMsg> {
  const consumer = await bus.js.consumers.get('STORY', {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
    ...(filter ? { filter_subjects: filter } : {}),
  })
  const messages = await consumer.consume({ max_messages: 500 })
  const stop = () => void messages.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    yield* messages
  } finally {
    signal.removeEventListener('abort', stop)
    await messages.close()
  }
}

async function lastSequence(bus: Bus, signal: AbortSignal): Promise<number> {
  while (!signal.aborted) {
    const info = await jetstreamManager(bus.nc, { checkAPI: false })
      .then((jsm) => jsm.streams.info('STORY'))
      .catch(() => null)
    if (info) return info.state.last_seq
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  return 0
}

const isFromBroker = (error: unknown): boolean =>
  error instanceof Error &&
  /JetStream|Timeout|Connection|Request|NoResponders|Consumer|Stream|Draining/.test(error.name + error.constructor.name)

/** Everything recorded so far that a filter lets through, in order. */
export async function readAll(bus: Bus, filter: string): Promise<Followed[]> {
  const consumer = await bus.js.consumers.get('STORY', { filter_subjects: filter })
  const { num_pending: pending } = await consumer.info()
  if (pending === 0) return []
  const found: Followed[] = []
  for await (const message of await consumer.consume({ max_messages: 500 })) {
    const parsed = readMessage(message)
    if (parsed.kind === 'event') found.push({ event: parsed.event, subject: message.subject, sequence: message.seq })
    if (message.info.pending === 0) break
  }
  return found
}
