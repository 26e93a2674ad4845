/** Requests over one reply inbox: a counter tells answers apart, one timer ends what nobody answered. */
import {
  createInbox,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  PermissionViolationError,
  RequestError,
  TimeoutError,
} from '@nats-io/nats-core'

/**
 * The client's own `request` makes a subject, a timer and two errors with stack traces for each: most of what a publisher costs
 * (docs/decisions/0010-what-a-step-costs.md). Rejects as that one does: `TimeoutError` when nothing came, `RequestError` when nobody is
 * there, its cause a `PermissionViolationError` when the broker forbids it.
 */
export type Requests = (subject: string, payload: string, headers?: MsgHdrs) => Promise<Msg>

type Waiting = { subject: string; until: number; resolve(reply: Msg): void; reject(error: Error): void }

/** How often unanswered requests are looked for, as a part of what they are waited for. */
const LOOKS = 6

export function openRequests(nc: NatsConnection, inboxPrefix: string, answerMs: number): Requests {
  const inbox = `${createInbox(inboxPrefix)}.`
  const waiting = new Map<string, Waiting>()
  /** What is asked in one turn of the event loop leaves in one write: a write for each is most of what a busy process costs. */
  let leaving: (() => void)[] = []
  let asked = 0
  let looking: NodeJS.Timeout | undefined

  nc.subscribe(`${inbox}*`, {
    callback(error, reply) {
      if (error) return refuse(() => true, new RequestError(error.message, { cause: error }))
      const token = reply.subject.slice(inbox.length)
      const who = waiting.get(token)
      waiting.delete(token)
      if (reply.data.length === 0 && reply.headers?.code === 503)
        return who?.reject(new RequestError(`Nobody answers ${who.subject}.`))
      who?.resolve(reply)
    },
  })
  void watch()
  void nc.closed().then(() => {
    clearInterval(looking)
    refuse(() => true, new RequestError('The connection is closed.'))
  })

  /** The broker says of a forbidden publish only which subject it was. */
  async function watch(): Promise<void> {
    for await (const status of nc.status()) {
      if (status.type !== 'error' || !(status.error instanceof PermissionViolationError)) continue
      const { subject, message } = status.error
      refuse((one) => one.subject === subject, new RequestError(message, { cause: status.error }))
    }
  }

  function refuse(which: (one: Waiting) => boolean, error: Error): void {
    for (const [token, one] of waiting) {
      if (!which(one)) continue
      waiting.delete(token)
      one.reject(error)
    }
  }

  function look(): void {
    const now = performance.now()
    refuse((one) => one.until <= now, new TimeoutError())
    if (waiting.size > 0) return
    clearInterval(looking)
    looking = undefined
  }

  return (subject, payload, headers) =>
    new Promise((resolve, reject) => {
      const token = String(++asked)
      waiting.set(token, { subject, until: performance.now() + answerMs, resolve, reject })
      looking ??= setInterval(look, answerMs / LOOKS)
      if (leaving.length === 0) setImmediate(leave)
      leaving.push(() => {
        try {
          nc.publish(subject, payload, { reply: inbox + token, ...(headers ? { headers } : {}) })
        } catch (error) {
          // Closed, draining, or larger than the broker takes.
          waiting.delete(token)
          reject(error)
        }
      })
    })

  function leave(): void {
    const now = leaving
    leaving = []
    for (const send of now) send()
  }
}
