/** The model's door for an engine that is somebody else's: its calls pass through as they are, and each is read on its way. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type Anthropic from '@anthropic-ai/sdk'
import { z } from 'zod'
import type { ModelAccess } from '../model-access.ts'
import type { RunHandler } from '../run-socket.ts'
import { collect, nothingYet, type Reply } from './stream.ts'
import { type Trouble, troubleOf } from './trouble.ts'

/** One call that the model answered, whole or cut off on the way. */
export type WatchedCall = {
  reply: Reply
  whole: boolean
  /** Part of the conversation; without tools it is a title or the like. */
  isTurn: boolean
  requestId: string | null
  scripted: string | null
}

export type Watching = {
  access: ModelAccess
  /** Silence of this length cuts a call off; whoever asked tries it again. */
  idleMs: number
  /** Told before a call of the conversation goes out: what the last one asked for has been done. A rejection refuses the call. */
  before(): Promise<void>
  /** Told before the end of an answer is passed on; a rejection cuts it off. */
  after(call: WatchedCall): Promise<void>
  trouble(trouble: Trouble): void
  signal: AbortSignal
}

/** The requests' own path on the run's socket. */
export const MODEL_PATH = '/v1/messages'

const Asked = z.looseObject({ tools: z.array(z.unknown()).optional(), stream: z.boolean().optional() })

/** Of the connection, or somebody's identity (run-socket.ts says which); a body that was unpacked has another length. */
const NOT_PASSED =
  /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|expect|authorization|x-api-key|cookie|set-cookie|content-length|content-encoding|accept-encoding)$/

export function watchedCalls(watching: Watching): RunHandler {
  return async (request, response) => {
    const body = await buffer(request)
    const asked = Asked.safeParse(jsonIn(body.toString('utf8'))).data ?? {}
    const isTurn = (asked.tools ?? []).length > 0
    if (isTurn) await watching.before()
    watching.signal.throwIfAborted()
    await passOn({ request, response, body, isTurn }, watching)
  }
}

type Passing = { request: IncomingMessage; response: ServerResponse; body: Buffer; isTurn: boolean }

async function passOn(passing: Passing, watching: Watching): Promise<void> {
  const { request, response } = passing
  const silence = new AbortController()
  const quiet = setTimeout(() => silence.abort(new Error('The model fell silent.')), watching.idleMs)
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const signal = AbortSignal.any([watching.signal, silence.signal, gone.signal])
  try {
    const reply = await ask(request, passing.body, { watching, signal })
    quiet.refresh()
    if (reply.status >= 400) return await refused(reply, response, watching)
    response.writeHead(reply.status, passed(reply.headers))
    response.flushHeaders()
    await read(reply, passing, { watching, heard: () => quiet.refresh() })
  } catch (error) {
    if (silence.signal.aborted) watching.trouble({ kind: 'retry', why: 'the model fell silent', afterMs: null })
    throw error
  } finally {
    clearTimeout(quiet)
  }
}

/** A gateway that was started anew does not know the run's token any more: another one is asked for, once. */
async function ask(
  request: IncomingMessage,
  body: Buffer,
  { watching: { access }, signal }: { watching: Watching; signal: AbortSignal },
): Promise<Response> {
  const [path, query] = (request.url ?? '').split('?')
  const url = `${access.url.replace(/\/$/, '')}${path}${query ? `?${query}` : ''}`
  const send = () => {
    const headers = { ...passed(request.headers), authorization: `Bearer ${access.token}` }
    return fetch(url, { method: 'POST', headers, body: new Uint8Array(body), signal })
  }
  const first = await send()
  if (first.status !== 401 || (await troubleIn(first.clone())).kind !== 'reopen') return first
  await access.reopen()
  return send()
}

async function refused(reply: Response, response: ServerResponse, { trouble }: Watching): Promise<void> {
  const body = Buffer.from(await reply.clone().arrayBuffer())
  trouble(await troubleIn(reply))
  response.writeHead(reply.status, passed(reply.headers))
  response.end(body)
}

const Refused = z.object({
  error: z.looseObject({
    type: z.string().optional(),
    message: z.string().optional(),
    details: z.unknown().optional(),
  }),
})
const Details = z.looseObject({ error_code: z.string().optional() })

/** The body of an error, in the fields `troubleOf` knows of the SDK's. */
async function troubleIn(reply: Response): Promise<Trouble> {
  const { error } = Refused.safeParse(jsonIn(await reply.text())).data ?? { error: {} }
  const details = Details.safeParse(error.details).data
  const named = { status: reply.status, type: error.type, errorCode: details?.error_code, details: error.details }
  return troubleOf({ ...named, apiMessage: error.message, requestID: reply.headers.get('request-id') }, reply.headers)
}

/** Bytes go on as they come; the last of them only once the call is written down. */
async function read(
  reply: Response,
  { response, isTurn }: Passing,
  { watching, heard }: { watching: Watching; heard(): void },
): Promise<void> {
  const partial = nothingYet()
  const streamed = reply.headers.get('content-type')?.includes('text/event-stream') ?? false
  let last: Uint8Array | undefined
  const bytes = async function* () {
    for await (const chunk of reply.body ?? []) {
      heard()
      if (last) await write(response, last)
      last = chunk
      yield chunk
    }
  }
  const told = async () => {
    if (!partial.reply) return
    const scripted = reply.headers.get('x-sluice-scripted')
    const requestId = reply.headers.get('request-id')
    await watching.after({ reply: partial.reply, whole: partial.ended, isTurn, requestId, scripted })
  }
  try {
    if (streamed) await collect(eventsIn(bytes(), watching), partial)
    else Object.assign(partial, wholeIn(await textOf(bytes())))
  } catch (error) {
    // What came was paid for.
    await told()
    throw error
  }
  await told()
  if (last) await write(response, last)
  response.end()
}

async function write(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')])
}

async function* eventsIn(
  bytes: AsyncIterable<Uint8Array>,
  { trouble }: Watching,
): AsyncGenerator<Anthropic.RawMessageStreamEvent> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of bytes) {
    text += decoder.decode(chunk, { stream: true })
    const lines = text.split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) {
      const event = line.startsWith('data:') ? jsonIn(line.slice(5)) : null
      if (!event || typeof event !== 'object') continue
      const failed = Refused.extend({ type: z.literal('error') }).safeParse(event).data?.error
      if (failed) trouble(troubleOf({ type: failed.type, apiMessage: failed.message, details: failed.details }))
      else yield event as Anthropic.RawMessageStreamEvent
    }
  }
}

/** An answer in one piece says the same in other words. */
function wholeIn(text: string): { reply: Reply | null; ended: boolean } {
  const message = jsonIn(text) as Anthropic.Message | null
  if (message?.type !== 'message') return { reply: null, ended: false }
  const { content, model, usage, stop_reason: stopReason } = message
  const calls = content.flatMap((block, i) =>
    block.type === 'tool_use' ? [{ id: block.id, name: block.name, block: i, broken: false }] : [],
  )
  return { reply: { content, calls, stopReason: stopReason ?? '', refusal: null, model, usage }, ended: true }
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = []
  for await (const chunk of bytes) all.push(chunk)
  return Buffer.concat(all).toString('utf8')
}

const passed = (headers: IncomingMessage['headers'] | Headers): Record<string, string> => {
  const named = headers instanceof Headers ? [...headers] : Object.entries(headers)
  return Object.fromEntries(
    named.flatMap(([name, value]) => (value && !NOT_PASSED.test(name) ? [[name, String(value)]] : [])),
  )
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
