/** The bus as services see it: publish events, take requests, read journals and leases. Nobody above imports NATS. */
import { setTimeout } from 'node:timers/promises'
import {
  type ApiError,
  type Consumer,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import {
  headers,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  PermissionViolationError,
  RequestError,
  TimeoutError,
} from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'
import { type Envelope, subjectOf } from '@sluice/proto/event.ts'
import { type Parsed, parseEvent } from '@sluice/proto/events.ts'
import { openRequests } from './requests.ts'
import { openTaking, type Taking } from './take.ts'
import { traceparentOf } from './trace.ts'

export type BusCredentials = { url: string; user: string; password: string }

export type Published = { sequence: number; duplicate: boolean }

export type Bus = AsyncDisposable & {
  nc: NatsConnection
  js: JetStreamClient
  /** Who speaks here: the NATS user and the last token of what it publishes. */
  source: string
  /**
   * Records an event on STORY. `expectedSequence` is the last sequence known of the event's own subject (0: none):
   * rejects with `Stale` when somebody wrote there meanwhile. The event's id is the message id, so a second publish
   * inside the server's duplicate window is answered `duplicate` and stores nothing.
   */
  publish(event: Envelope, options?: { expectedSequence?: number }): Promise<Published>
  /** Stores `data` under a subject that must last have been written at `expectedSequence`. Rejects with `Stale`. */
  put(subject: string, data: unknown, expectedSequence: number): Promise<number>
  /** The last message of a subject, straight from the stream; null if there is none. */
  last(stream: string, subject: string): Promise<{ sequence: number; data: unknown } | null>
  /** A hand that takes requests from a durable of STORY. */
  taking(durable: string): Taking
}

/** Somebody else wrote first: read again before you write. */
export class Stale extends Error {
  override name = 'Stale'
}

const EXPECTED = 'Nats-Expected-Last-Subject-Sequence'
const WRONG_LAST_SEQUENCE = 10071

export async function connectBus(credentials: BusCredentials): Promise<Bus> {
  const nc = await connect({
    servers: credentials.url,
    user: credentials.user,
    pass: credentials.password,
    name: credentials.user,
    inboxPrefix: inboxOf(credentials.user),
    // A broker that restarts is waited for: services outlive it.
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    waitOnFirstConnect: true,
    // Two stack traces a request are 37 % of a publisher's CPU (measured).
    noAsyncTraces: true,
  })
  const js = jetstream(nc, { checkAPI: false, timeout: ANSWER_MS })
  const inboxPrefix = inboxOf(credentials.user)
  const ask = openRequests(nc, inboxPrefix, ANSWER_MS)

  async function store(subject: string, data: unknown, head: MsgHdrs): Promise<Published> {
    const body = JSON.stringify(data)
    return storedAs(subject, await untilAnswered(() => ask(subject, body, head)))
  }

  return {
    nc,
    js,
    source: credentials.user,
    publish(event, { expectedSequence } = {}) {
      const head = headers()
      head.set('Nats-Msg-Id', event.id)
      head.set('traceparent', traceparentOf(event))
      if (expectedSequence !== undefined) head.set(EXPECTED, String(expectedSequence))
      return store(subjectOf(event), event, head)
    },
    async put(subject, data, expectedSequence) {
      const head = headers()
      head.set(EXPECTED, String(expectedSequence))
      return (await store(subject, data, head)).sequence
    },
    async last(stream, subject) {
      const api = `$JS.API.DIRECT.GET.${stream}.${subject}`
      return readDirect(await untilAnswered(() => ask(api, '')))
    },
    taking: (durable) => openTaking(nc, inboxPrefix, durable),
    async [Symbol.asyncDispose]() {
      await nc.drain().catch(() => nc.close())
    },
  }
}

/** Whether the broker lets them in just now; false for one that is away, too. */
export async function isLetIn({ url, user, password }: BusCredentials): Promise<boolean> {
  const options = { servers: url, user, pass: password, reconnect: false, timeout: ANSWER_MS }
  const nc = await connect(options).catch(() => null)
  await nc?.close()
  return nc !== null
}

export const inboxOf = (user: string): string => `_INBOX_${user}`

/** What is sent while the broker is away is lost: it is sent again after this long. */
const ANSWER_MS = 3_000
/** How long a broker may be away before a write gives up. */
const PATIENCE_MS = 60_000

/**
 * A broker that is restarting is waited for. A write whose answer got lost is written again: the message id or the
 * expected sequence makes the second one change nothing.
 */
async function untilAnswered<T>(write: () => Promise<T>): Promise<T> {
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    try {
      return await write()
    } catch (error) {
      if (!isAbsence(error) || Date.now() > until) throw error
      await setTimeout(250)
    }
  }
}

const isAbsence = (error: unknown): boolean =>
  error instanceof TimeoutError || (error instanceof RequestError && !(error.cause instanceof PermissionViolationError))

/** What the stream says to a publish (NATS ADR-22). */
function storedAs(subject: string, reply: Msg): Published {
  const { seq, duplicate = false, error } = reply.json<{ seq?: number; duplicate?: boolean; error?: ApiError }>()
  if (error?.err_code === WRONG_LAST_SEQUENCE) throw new Stale(`${subject} was written meanwhile.`)
  if (error || !seq) throw new JetStreamApiError(error ?? { code: 500, err_code: 0, description: 'no sequence' })
  return { sequence: seq, duplicate }
}

/** An answer of the Direct Get API (NATS ADR-31): status 404 in the header means there is none. */
function readDirect(reply: Msg): { sequence: number; data: unknown } | null {
  if (reply.headers?.code === 404) return null
  const sequence = Number(reply.headers?.get('Nats-Sequence'))
  if (!sequence)
    throw new Error(`The broker refused a direct read: ${reply.headers?.code} ${reply.headers?.description}`)
  return { sequence, data: reply.data.length > 0 ? reply.json() : null }
}

/**
 * What a stored message says. The server can be made to send what it stores to any subject: a copy carries
 * `Nats-Stream`, which no publisher of ours writes, and is nobody's word (docs/decisions/0002-journal.md).
 */
export function readMessage(message: { subject: string; headers?: MsgHdrs | undefined; json(): unknown }): Parsed {
  if (isCopy(message)) return { kind: 'unreadable', reason: 'A copy made by the broker, said by nobody.' }
  try {
    return parseEvent(message.subject, message.json())
  } catch {
    return { kind: 'unreadable', reason: 'The message is not JSON.' }
  }
}

export const isCopy = ({ headers: head }: { headers?: MsgHdrs | undefined }): boolean =>
  head?.has('Nats-Stream') ?? false

/** What a message holds, whoever sent it; null where that is not JSON. */
export function bodyOf(message: { json(): unknown }): unknown {
  try {
    return message.json()
  } catch {
    return null
  }
}

export { type Consumer, type JetStreamManager, type JsMsg, jetstreamManager }
