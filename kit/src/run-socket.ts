/** The one way out of a run's jail: a web server on a unix socket that adds the run's token, which nobody inside ever holds. */

import { chmodSync, rmSync } from 'node:fs'
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { RUN_HEADER } from './run-header.ts'
import { makeShortTemp } from './short-temp.ts'

/** Where this run's traffic goes, and as whom. */
export type RunGateway = {
  /** Base address of the Messages API: `/v1/…` is asked for below it. */
  url: string
  /** The run's token: put into every request, never seen by the jail. */
  token: string
  /** Address of the egress proxy; without one nothing but models can be reached. */
  egressUrl?: string
  /** The agent brings the person's own login: its bearer goes on as it is, and the run is named beside it. */
  login?: boolean
  /** Asks for another token: the gateway was started anew and does not know this one. */
  reopen?(): Promise<void>
}

/** Sees the model calls of a run as they pass, bytes and all; what it throws breaks the call off. */
export type CallWatch = {
  /** A call is about to be passed on, and is held until this resolves. `cut` breaks it off as a broken line would. */
  calling(cut: () => void): Promise<PassingCall>
}
export type PassingCall = {
  answered(status: number, headers: IncomingHttpHeaders): void
  read(chunk: Buffer): void
  /** Once, whichever way it ends. */
  ended(whole: boolean): void
}

export type RunHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** `path` is the socket to bind into the jail; closing ends every open answer and tunnel. */
export type RunSocket = AsyncDisposable & { path: string }

/** Of one connection, not of the message (RFC 9110 §7.6.1), or somebody's identity: neither crosses the jail's wall. */
const NOT_PASSED = new Set([
  ...[
    'connection',
    'keep-alive',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'host',
    'expect',
  ],
  ...['authorization', 'proxy-authorization', 'proxy-authenticate', 'x-api-key', 'cookie', 'set-cookie', RUN_HEADER],
])

/**
 * Opens the socket of one run in a directory of its own that only this user can enter. `handlers` answer exact paths; `/v1/*` goes to the
 * gateway; proxy requests go to its egress; all else is 404.
 */
export async function openRunSocket(options: {
  dir?: string
  gateway: RunGateway
  handlers?: Record<string, RunHandler>
  watch?: () => CallWatch | null
}): Promise<RunSocket> {
  const { gateway, handlers = {}, watch = () => null } = options
  const dir = makeShortTemp(options.dir)
  const path = join(dir, 'run.sock')
  const tunnels = new Set<Duplex>()
  const server = createServer((request, response) => {
    answer(request, response, { gateway, handlers, watch }).catch((error: unknown) => brokenOff(response, error))
  })
  // A model may think for longer than any default.
  server.requestTimeout = 0
  server.on('connect', (request, socket, head) => tunnel(request, socket, { head, gateway, tunnels }))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  chmodSync(path, 0o600)

  return {
    path,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      for (const socket of tunnels) socket.destroy()
      await closed
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  {
    gateway,
    handlers,
    watch,
  }: { gateway: RunGateway; handlers: Record<string, RunHandler>; watch(): CallWatch | null },
): Promise<void> {
  const target = request.url ?? '/'
  if (target.startsWith('http://')) return toEgress(request, response, gateway)
  const path = target.split('?')[0] ?? '/'
  if (Object.hasOwn(handlers, path)) return handlers[path]?.(request, response)
  // Decoded and resolved before it is judged, or `/v1/../x` would reach what is beside the models.
  const asked = new URL(target, 'http://run')
  if (!asked.pathname.startsWith('/v1/')) return refuse(response, 404, 'There is nothing at this address of the run.')
  const url = new URL(gateway.url.replace(/\/$/, '') + asked.pathname + asked.search)
  const isCall = request.method === 'POST' && asked.pathname === '/v1/messages'
  const call = isCall ? await watch()?.calling(() => response.destroy()) : undefined
  return pass(request, response, { url, headers: identity(request, gateway), gateway, ...(call && { call }) })
}

/** Whose run it is. With a login the person's own bearer stays in its place, byte for byte. */
function identity({ headers }: IncomingMessage, { token, login }: RunGateway): OutgoingHttpHeaders {
  if (!login) return { authorization: `Bearer ${token}` }
  return { [RUN_HEADER]: token, ...(headers.authorization && { authorization: headers.authorization }) }
}

function toEgress(request: IncomingMessage, response: ServerResponse, { egressUrl, token }: RunGateway): Promise<void> {
  if (!egressUrl) return Promise.resolve(refuse(response, 403, 'This run may reach nothing but its model.'))
  const target = request.url ?? ''
  const headers = { host: new URL(target).host, 'proxy-authorization': `Bearer ${token}` }
  return pass(request, response, { url: new URL(egressUrl), path: target, headers })
}

/** Sends the request on and the answer back, both as they come; whoever breaks off first ends the other. */
async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  to: { url: URL; path?: string; headers: OutgoingHttpHeaders; gateway?: RunGateway; call?: PassingCall },
): Promise<void> {
  const { call } = to
  response.once('close', () => call?.ended(response.writableFinished))
  const ask = to.url.protocol === 'https:' ? httpsRequest : httpRequest
  const upstream = ask(to.url, {
    ...(to.path !== undefined && { path: to.path }),
    method: request.method ?? 'GET',
    headers: { ...passed(request.headers), ...to.headers },
  })
  response.once('close', () => upstream.destroy())
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    upstream.once('response', resolve).once('error', reject)
  })
  // An early refusal closes our side while the body is still being sent; the answer says why.
  const sent = pipeline(request, upstream).catch(() => undefined)
  const reply = await answered
  if (reply.statusCode === 401 && to.gateway?.reopen)
    return answerUnknown(reply, response, { reopen: to.gateway.reopen, ...(call && { call }) })
  call?.answered(reply.statusCode ?? 502, reply.headers)
  if (call) reply.on('data', (chunk: Buffer) => call.read(chunk))
  response.writeHead(reply.statusCode ?? 502, passed(reply.headers))
  response.flushHeaders()
  await pipeline(reply, response)
  await sent
}

/** A gateway that was started anew has forgotten the run: it is opened again, and the agent tries again as after any trouble of the line. */
async function answerUnknown(
  reply: IncomingMessage,
  response: ServerResponse,
  { reopen, call }: { reopen(): Promise<void>; call?: PassingCall },
): Promise<void> {
  const body = await text(reply)
  if (!body.includes('"run_unknown"')) {
    call?.answered(401, reply.headers)
    call?.read(Buffer.from(body))
    response.writeHead(401, passed(reply.headers))
    return void response.end(body)
  }
  await reopen()
  response.setHeader('retry-after', '0')
  refuse(response, 503, 'The gateway was started anew: try again.')
}

function tunnel(
  request: IncomingMessage,
  inside: Duplex,
  { head, gateway, tunnels }: { head: Buffer; gateway: RunGateway; tunnels: Set<Duplex> },
): void {
  hold(inside, tunnels)
  if (!gateway.egressUrl) {
    endTunnel(inside, '403 Forbidden', 'This run may reach nothing but its model.')
    return
  }
  const upstream = httpRequest(gateway.egressUrl, {
    method: 'CONNECT',
    path: request.url ?? '',
    headers: { host: request.url ?? '', 'proxy-authorization': `Bearer ${gateway.token}` },
  })
  inside.once('close', () => upstream.destroy())
  upstream.once('error', () => endTunnel(inside, '502 Bad Gateway', 'The egress proxy does not answer.'))
  upstream.once('response', (reply) => {
    inside.write(`HTTP/1.1 ${reply.statusCode} ${reply.statusMessage}\r\nConnection: close\r\n\r\n`)
    reply.pipe(inside)
  })
  upstream.once('connect', (reply, outside, first) => {
    hold(outside, tunnels)
    if (reply.statusCode !== 200) {
      inside.write(`HTTP/1.1 ${reply.statusCode} ${reply.statusMessage}\r\nConnection: close\r\n\r\n`)
    } else {
      inside.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    }
    inside.write(first)
    outside.write(head)
    inside.once('close', () => outside.destroy())
    outside.once('close', () => inside.destroy())
    inside.pipe(outside).pipe(inside)
  })
  upstream.end()
}

function hold(socket: Duplex, tunnels: Set<Duplex>): void {
  tunnels.add(socket)
  // A reset is one way for a tunnel to end; its close takes the other side along.
  socket.on('error', () => socket.destroy())
  socket.once('close', () => tunnels.delete(socket))
}

function endTunnel(inside: Duplex, status: string, sentence: string): void {
  if (inside.writable)
    inside.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${sentence}\n`)
}

function passed(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_PASSED.has(name) && !named.includes(name)))
}

function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  // The shape of the Messages API's errors, since its client may be the one to read it.
  response.end(JSON.stringify({ type: 'error', error: { type: 'api_error', message } }))
}

function brokenOff(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) return void response.destroy()
  const reason = error instanceof Error ? error.message : String(error)
  refuse(response, 502, `The gateway does not answer: ${reason}`)
}
