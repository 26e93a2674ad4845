/** How an answer leaves: an error with its status, a stream with what may go wrong in it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import { stream } from 'hono/streaming'
import type { Said } from './messages-script.ts'
import { ERROR_STATUS, errorBody, type Fault } from './messages-wire.ts'

const PING = 'event: ping\ndata: {"type": "ping"}\n\n'

export type Env = { Bindings: HttpBindings; Variables: { requestId: string } }
export type Ctx = Context<Env>

export function refuse(
  c: Ctx,
  fault: Fault,
  { status, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): Response {
  for (const [name, value] of Object.entries(headers)) c.header(name, value)
  return c.json(errorBody(fault, c.var.requestId), (status ?? ERROR_STATUS[fault.type]) as 400)
}

export function sendStream(
  c: Ctx,
  said: Said,
  { events, onWhole }: { events: Iterable<{ type: string }>; onWhole(): void },
): Response {
  c.header('content-type', 'text/event-stream; charset=utf-8')
  c.header('cache-control', 'no-cache')
  return stream(c, async (out) => {
    const gone = new AbortController()
    out.onAbort(() => gone.abort())
    let sent = 0
    for (const event of events) {
      if (gone.signal.aborted) return
      if (said.cutAfter === sent) {
        // What was said arrives, then the connection ends in the middle: `destroy` could lose what was said.
        c.env.outgoing.socket?.end()
        return void (await aborted(gone.signal))
      }
      if (said.stallAfter === sent) return void (await aborted(gone.signal))
      const broken = event.type === 'message_delta' && (said.streamError ?? said.invalid)
      if (broken)
        return void (await out.write(
          said.streamError
            ? errorEvent(said.streamError, c.var.requestId)
            : `event: ${event.type}\ndata: {"type": "message_del\n\n`,
        ))
      await out.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
      if (sent === 0) await out.write(PING)
      sent += 1
      await pause(said.betweenMs, gone.signal)
    }
    onWhole()
  })
}

const errorEvent = (type: Fault['type'], requestId: string): string =>
  `event: error\ndata: ${JSON.stringify(errorBody({ type, message: type }, requestId))}\n\n`

const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

/** Ends early, without an error, when who asked has gone. */
export async function pause(ms: number | undefined, signal: AbortSignal): Promise<void> {
  if (ms) await sleep(ms, undefined, { signal }).catch(() => undefined)
}
