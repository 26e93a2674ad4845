/** What passes between somebody outside and an app in a jail: web requests and upgrades, without anybody's identity. */
import { chmodSync, rmSync } from 'node:fs'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { makeShortTemp } from '../short-temp.ts'
import type { Inlet } from './inlet.ts'

/** Which app, and what is changed on the way: headers there and back, the path it is asked for. */
export type Passing = {
  inlet: Inlet
  port: number
  path?: string
  headers?: Record<string, string>
  back?(headers: IncomingHttpHeaders): OutgoingHttpHeaders
}

/** Of one connection, or of a person (RFC 9110 §7.6.1): a session with somebody else is none of the app's business. */
const NOT_PASSED = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'],
  ...['host', 'cookie', 'authorization', 'proxy-authorization'],
])

export async function passToApp(asked: IncomingMessage, reply: ServerResponse, passing: Passing): Promise<void> {
  const socket = await passing.inlet.connect(passing.port)
  const out = request({ ...target(asked, passing), createConnection: () => socket })
  reply.once('close', () => out.destroy())
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    out.once('response', resolve).once('error', reject)
  })
  const sent = pipeline(asked, out).catch(() => undefined)
  const answer = await answered
  const headers = passed(answer.headers)
  reply.writeHead(answer.statusCode ?? 502, passing.back?.(headers as IncomingHttpHeaders) ?? headers)
  reply.flushHeaders()
  await pipeline(answer, reply)
  await sent
}

/** A websocket, or whatever else both sides agree upon: from there on bytes are bytes. */
export async function upgradeToApp(
  asked: IncomingMessage,
  inside: Duplex,
  { head, ...passing }: Passing & { head: Buffer },
): Promise<void> {
  inside.on('error', () => inside.destroy())
  const socket = await passing.inlet.connect(passing.port)
  const { method, path, headers } = target(asked, passing)
  const kept = { ...headers, connection: 'Upgrade', upgrade: asked.headers.upgrade ?? 'websocket' }
  const lines = Object.entries(kept).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`))
  inside.once('close', () => socket.destroy())
  socket.once('close', () => inside.destroy())
  socket.on('error', () => socket.destroy())
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  socket.write(head)
  inside.pipe(socket).pipe(inside)
}

function target(asked: IncomingMessage, { port, path, headers }: Passing) {
  return {
    method: asked.method ?? 'GET',
    path: path ?? asked.url ?? '/',
    headers: { ...passed(asked.headers), host: `localhost:${port}`, ...headers } as OutgoingHttpHeaders,
  }
}

function passed(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !NOT_PASSED.has(name) && !named.includes(name)))
}

export type AppDoor = AsyncDisposable & { path: string }

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/

/** A web proxy on a socket, for a browser in a jail of its own: it leads to ports of the apps' loopback and nowhere else. */
export async function openAppDoor(inlet: Inlet): Promise<AppDoor> {
  const dir = makeShortTemp()
  const path = join(dir, 'app.sock')
  const open = new Set<Duplex>()
  const server = createServer((asked, reply) => {
    const to = URL.parse(asked.url ?? '')
    if (to?.protocol !== 'http:' || !LOOPBACK.test(to.hostname)) return refuse(reply, 403)
    const passing = { inlet, port: Number(to.port || 80), path: to.pathname + to.search }
    passToApp(asked, reply, passing).catch(() => refuse(reply, 502))
  })
  server.on('connect', (asked: IncomingMessage, inside: Duplex, head: Buffer) => {
    hold(inside)
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(asked.url ?? '') ?? []
    if (!LOOPBACK.test(host)) return void inside.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    inlet.connect(Number(port)).then(
      (socket) => tunnel(inside, socket, head),
      () => inside.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'),
    )
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  chmodSync(path, 0o600)

  function hold(socket: Duplex): void {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => open.delete(socket))
  }
  function tunnel(inside: Duplex, socket: Socket, head: Buffer): void {
    hold(socket)
    inside.once('close', () => socket.destroy())
    socket.once('close', () => inside.destroy())
    inside.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    socket.write(head)
    inside.pipe(socket).pipe(inside)
  }

  return {
    path,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      for (const socket of open) socket.destroy()
      await closed
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function refuse(reply: ServerResponse, status: number): void {
  if (reply.headersSent || reply.destroyed) return void reply.destroy()
  reply
    .writeHead(status, { 'content-type': 'text/plain' })
    .end('This browser reaches the apps of its run and nothing else.\n')
}
