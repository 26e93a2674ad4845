/** Takes requests from a durable one at a time: one inbox for all of them, and none asked for that no free hand waits for. */
import { createInbox, type Msg, type MsgHdrs, type NatsConnection, RequestError } from '@nats-io/nats-core'

/** A request as it was delivered, and what can be said to the broker about it. */
export type Delivery = {
  subject: string
  headers: MsgHdrs | undefined
  json(): unknown
  /** Its sequence on STORY. */
  seq: number
  /** How often it was delivered, this time included. */
  deliveries: number
  ack(): void
  /** Give it back, to be delivered again after so long. */
  nak(delayMs?: number): void
  /** A sign of life: the broker's wait begins anew. */
  working(): void
  /** Never deliver it again. */
  term(): void
}

export type Taking = Disposable & {
  /** The next request; null when none came within `expiresMs`, or once this is disposed. Rejects while there is no such durable. */
  next(expiresMs: number): Promise<Delivery | null>
}

/** How much longer than the broker we wait, so that what it sends last is not missed. */
const GRACE_MS = 500

export function openTaking(nc: NatsConnection, inboxPrefix: string, durable: string): Taking {
  const inbox = createInbox(inboxPrefix)
  let waiting: { resolve(message: Delivery | null): void; reject(error: Error): void } | null = null

  const subscription = nc.subscribe(inbox, {
    callback(error, message) {
      if (error) return settle()?.reject(error)
      if (message.headers?.code) return status(message.headers.code)
      const delivery = deliveryOf(message)
      const hand = settle()
      // What comes late, for a hand that waits no more, is for the next replica.
      if (hand) hand.resolve(delivery)
      else delivery.nak()
    },
  })

  function settle() {
    const hand = waiting
    waiting = null
    return hand
  }

  /** Of the pull itself (NATS ADR-13): 100 a heartbeat, 503 nobody listens, 404, 408 and 409 nothing came. */
  function status(code: number): void {
    if (code === 503) settle()?.reject(new RequestError(`There is no ${durable} yet.`))
    else if (code !== 100) settle()?.resolve(null)
  }

  return {
    async next(expiresMs) {
      const { promise, ...hand } = Promise.withResolvers<Delivery | null>()
      waiting = hand
      const late = setTimeout(() => waiting === hand && settle()?.resolve(null), expiresMs + GRACE_MS)
      const wanted = JSON.stringify({ batch: 1, expires: expiresMs * 1e6 })
      nc.publish(`$JS.API.CONSUMER.MSG.NEXT.STORY.${durable}`, wanted, { reply: inbox })
      return promise.finally(() => clearTimeout(late))
    },
    [Symbol.dispose]() {
      settle()?.resolve(null)
      // Drained: what is on its way here is given back too.
      subscription.drain().catch(() => undefined)
    },
  }
}

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>…`, newer servers with domain and account before the stream (NATS ADR-15). */
function deliveryOf(message: Msg): Delivery {
  const tokens = (message.reply ?? '').split('.')
  const [deliveries, seq] = tokens.slice(tokens.length > 9 ? 6 : 4).map(Number)
  let over = false
  const last = (word: string) => {
    if (!over) message.respond(word)
    over = true
  }
  return {
    subject: message.subject,
    headers: message.headers,
    json: () => message.json(),
    seq: seq ?? 0,
    deliveries: deliveries ?? 1,
    ack: () => last('+ACK'),
    nak: (delayMs = 0) => last(delayMs > 0 ? `-NAK ${JSON.stringify({ delay: delayMs * 1e6 })}` : '-NAK'),
    term: () => last('+TERM'),
    working: () => void (over || message.respond('+WPI')),
  }
}
