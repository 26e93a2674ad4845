/** A server that speaks the Messages API and answers by a script: strict where the API is strict, labelled on every response. */
import { appendFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { finishMessage, streamEvents } from './messages-answer.ts'
import { createPromptCache, promptTokens } from './messages-cache.ts'
import { DEFAULT_MODELS, modelInfo } from './messages-models.ts'
import { brokenRule } from './messages-rules.ts'
import type { Refused, Reply, Said, ScriptedModel } from './messages-script.ts'
import { type Ctx, type Env, pause, refuse, sendStream } from './messages-send.ts'
import { parseRequest } from './messages-shape.ts'
import { type Fault, type Message, type MessagesRequest, newId, turnsOf } from './messages-wire.ts'

/** A process that was killed the moment its answer was sent has not read it: its connection closes at once. */
const TAKEN_MS = 300

/** Larger requests are refused with 413, in bytes. */
const BODY_MAX = 32 * 1024 * 1024

export type MessagesApiOptions = {
  model: ScriptedModel
  /** 0 takes a free one. */
  port?: number
  /** Stands in the header `x-sluice-scripted` of every response, and in the names of the models. */
  label?: string
  /** The model ids that are served; any other is 404. */
  models?: readonly string[]
  /** The keys that are let in; without a list any is. */
  keys?: readonly string[]
  /** One line of JSON for each request is appended to this file; keys are left out. */
  requestLog?: string
  /** Milliseconds; what the prompt cache expires by. */
  now?: () => number
}

/** One `POST /v1/messages` that reached the server, refused ones among them. */
export type RecordedRequest = {
  id: string
  path: string
  headers: Record<string, string>
  body: MessagesRequest
  status?: number
  usage?: Message['usage']
  /** Who asked has gone before the answer was whole. */
  aborted?: boolean
  /** All of it was sent: it is paid for. */
  whole?: boolean
  /** Who asked was still there a while after it was whole: it has it, and nobody should have to ask again. */
  taken?: boolean
}

export type MessagesApi = AsyncDisposable & {
  /** Without `/v1`: a client's `baseURL`. */
  url: string
  requests: RecordedRequest[]
  /** Idempotency keys that were asked for again after their answer had been sent whole. */
  askedTwice(): string[]
  close(): Promise<void>
}

export async function startMessagesApi(options: MessagesApiOptions): Promise<MessagesApi> {
  const requests: RecordedRequest[] = []
  const app = messagesApp(options, requests)
  const server = await new Promise<ReturnType<typeof serve>>((resolve, reject) => {
    const starting = serve({ fetch: app.fetch, port: options.port ?? 0, hostname: '127.0.0.1' }, () =>
      resolve(starting),
    )
    starting.once('error', reject)
  })
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, requests, askedTwice: () => askedTwice(requests), close, [Symbol.asyncDispose]: close }
}

function askedTwice(requests: readonly RecordedRequest[]): string[] {
  const keyOf = ({ headers }: RecordedRequest) => headers['idempotency-key']
  const again = requests.filter((request, i) => {
    const key = keyOf(request)
    return key !== undefined && requests.slice(0, i).some((earlier) => earlier.taken && keyOf(earlier) === key)
  })
  return again.map((request) => keyOf(request) ?? '')
}

function messagesApp(options: MessagesApiOptions, requests: RecordedRequest[]): Hono<Env> {
  const { label = 'scripted model', models = DEFAULT_MODELS, keys, requestLog, now = Date.now } = options
  const app = new Hono<Env>()
  const cache = createPromptCache(now)

  app.use(async (c, next) => {
    c.set('requestId', newId('req_'))
    c.header('request-id', c.var.requestId)
    c.header('x-sluice-scripted', label)
    await next()
  })

  app.on(['GET', 'HEAD'], '/', (c) => c.body(null, 200))

  app.use('/v1/*', async (c, next) => {
    const fault = badKey(c, keys)
    return fault ? refuse(c, fault) : next()
  })

  app.get('/v1/models', (c) =>
    c.json({
      data: models.map((id) => modelInfo(id, label)),
      has_more: false,
      first_id: models[0] ?? null,
      last_id: models.at(-1) ?? null,
      next_page: null,
    }),
  )
  app.get('/v1/models/:id', (c) => {
    const id = c.req.param('id')
    return models.includes(id)
      ? c.json(modelInfo(id, label))
      : refuse(c, { type: 'not_found_error', message: `model: ${id}` })
  })

  app.post('/v1/messages/count_tokens', async (c) => {
    const read = await readRequest(c, models, true)
    return 'fault' in read ? refuse(c, read.fault) : c.json({ input_tokens: promptTokens(read.request) })
  })

  app.post('/v1/messages', async (c) => {
    const read = await readRequest(c, models, false)
    const record: RecordedRequest = {
      id: c.var.requestId,
      path: c.req.path,
      headers: c.req.header(),
      body: read.body as MessagesRequest,
    }
    requests.push(record)
    const response = 'fault' in read ? refuse(c, read.fault) : await answer(c, read.request, record)
    record.status = response.status
    if (requestLog)
      appendFileSync(requestLog, `${JSON.stringify({ ...record, headers: withoutKeys(record.headers) })}\n`)
    return response
  })

  async function answer(c: Ctx, request: MessagesRequest, record: RecordedRequest): Promise<Response> {
    const { signal } = c.req.raw
    signal.addEventListener('abort', () => (record.aborted = true), { once: true })
    const reply = await options.model(request, {
      conversation: turnsOf(request.messages),
      headers: record.headers,
      signal,
    })
    if (isRefused(reply)) {
      await pause(reply.delayMs, signal)
      return refuse(
        c,
        { type: reply.error, message: reply.message ?? reply.error, ...(reply.details && { details: reply.details }) },
        reply,
      )
    }
    const said = typeof reply === 'string' ? { content: [reply] } : reply
    checkScript(said, request)
    const input = cache.account(request)
    const { message, raw } = finishMessage(said, request, input.usage)
    await pause(said.delayMs, signal)
    if (signal.aborted) return c.body(null)
    input.commit()
    record.usage = message.usage
    const { socket } = c.env.incoming
    const onWhole = () => {
      record.whole = true
      // Looked at, not listened for: one connection carries many calls.
      setTimeout(() => {
        if (!socket.destroyed) record.taken = true
      }, TAKEN_MS).unref()
    }
    if (request.stream) return sendStream(c, said, { events: streamEvents(message, raw, said.chunk ?? 24), onWhole })
    if (!said.invalid) onWhole()
    return said.invalid
      ? c.body(JSON.stringify(message).slice(0, -20), 200, { 'content-type': 'application/json' })
      : c.json(message)
  }

  app.notFound((c) => refuse(c, { type: 'not_found_error', message: `Not found: ${c.req.method} ${c.req.path}` }))
  // A script that throws is a mistake of its author: said, not hidden.
  app.onError((error, c) => refuse(c, { type: 'api_error', message: `${label}: ${error.message}` }))
  return app
}

/** Either header of the two that clients send; with a list, one that is in it. */
function badKey(c: Ctx, keys: readonly string[] | undefined): Fault | undefined {
  const key = c.req.header('x-api-key') ?? c.req.header('authorization')?.replace(/^Bearer /, '')
  if (!key) return { type: 'authentication_error', message: 'x-api-key or authorization header is required' }
  return keys && !keys.includes(key) ? { type: 'authentication_error', message: 'invalid x-api-key' } : undefined
}

type Read = { body: unknown } & ({ request: MessagesRequest } | { fault: Fault })

async function readRequest(c: Ctx, models: readonly string[], counting: boolean): Promise<Read> {
  const source = await c.req.text()
  const version = c.req.header('anthropic-version')
  const body = parsed(source)
  const invalid = (message: string): Read => ({ body, fault: { type: 'invalid_request_error', message } })
  if (Buffer.byteLength(source) > BODY_MAX)
    return { body: undefined, fault: { type: 'request_too_large', message: 'Request exceeds the maximum size' } }
  if (!version) return invalid('anthropic-version: header is required')
  if (body === undefined) return invalid('The request body is not valid JSON')
  const shaped = parseRequest(body, { beta: c.req.header('anthropic-beta') !== undefined, counting })
  if ('fault' in shaped) return { body, fault: shaped.fault }
  const { request } = shaped
  const fault = unknownModel(request, models) ?? lostThread(request) ?? brokenRule(request, version)
  return fault ? { body, fault } : { body, request }
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}

const unknownModel = ({ model }: MessagesRequest, models: readonly string[]): Fault | undefined =>
  models.includes(model) ? undefined : { type: 'not_found_error', message: `model: ${model}` }

/** No thread is held here; told so, a client sends the whole conversation. */
function lostThread(request: MessagesRequest): Fault | undefined {
  const thread = 'thread' in request ? (request.thread as { type?: string } | null) : undefined
  if (thread?.type !== 'continue') return undefined
  return { type: 'not_found_error', message: 'thread not found', details: { error_code: 'thread_not_found' } }
}

const isRefused = (reply: Reply): reply is Refused => typeof reply === 'object' && 'error' in reply

/** A model can only call what it was given, and says something in every text it begins. */
function checkScript({ content }: Said, { tools = [] }: MessagesRequest): void {
  for (const part of content) {
    if (part === '' || (typeof part === 'object' && part.type === 'text' && part.text === ''))
      throw new Error('the script says an empty text')
    if (typeof part === 'string' || part.type !== 'tool_use') continue
    if (!tools.some((tool) => 'name' in tool && tool.name === part.name))
      throw new Error(`the script calls ${part.name}, which the request does not offer`)
  }
}

function withoutKeys(headers: Record<string, string>): Record<string, string> {
  const { authorization: _, 'x-api-key': __, ...rest } = headers
  return rest
}
