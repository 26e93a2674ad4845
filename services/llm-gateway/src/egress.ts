/** The second door: an HTTP proxy (CONNECT and absolute form, RFC 9110 and 9112) with a list of hosts for each run. */
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { LedgerEntry } from '@sluice/proto/rest.ts'
import { judge, type Target } from './rules.ts'
import { bearer, type OpenedRun, type Runs } from './runs.ts'

export type Egress = {
  /** For the server's `connect` event. */
  tunnel(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>
  /** For requests whose target is a whole URL. */
  forward(request: IncomingMessage, response: ServerResponse): Promise<void>
}

const CONNECT_TIMEOUT_MS = 20_000

type Door = { runs: Runs; enter(entry: Omit<LedgerEntry, 'at' | 'door'>): Promise<void> }

export function openEgress({ runs, enter }: Door): Egress {
  const entered = (run: OpenedRun, { host, port }: Target, outcome: string, bytes: { in: number; out: number }) => {
    const { storyId, role, runId } = run
    return enter({ host: `${host}:${port}`, bytesOut: bytes.out, bytesIn: bytes.in, storyId, role, runId, outcome })
  }
  const nothing = { in: 0, out: 0 }

  return {
    async tunnel(req, socket, head) {
      socket.on('error', () => socket.destroy())
      const run = runOf(req, runs)
      if (!run) return end(socket, 407, 'This run is not known.', 'Proxy-Authenticate: Bearer\r\n')
      const target = targetOf(req.url ?? '')
      if (!target) return end(socket, 400, 'CONNECT takes host:port.')

      const judged = await judge(target, run.egress)
      // Written down before it is told: who was refused can be looked up at once.
      if ('refused' in judged) {
        await entered(run, target, `refused: ${judged.refused}`, nothing)
        return end(socket, 403, `Not allowed: ${judged.refused}.`)
      }
      const out = await connected({ host: judged.address, port: target.port }).catch((error: unknown) =>
        messageOf(error),
      )
      if (typeof out === 'string') {
        await entered(run, target, `failed: ${out}`, nothing)
        return end(socket, 502, `No connection: ${out}.`)
      }
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      out.write(head)
      await joined(socket, out, run.ended)
      await entered(run, target, 'closed', { in: out.bytesRead, out: out.bytesWritten })
    },

    async forward(req, res) {
      const run = runOf(req, runs)
      if (!run) return refuse(res, 407, 'This run is not known.')
      const url = URL.parse(req.url ?? '')
      if (url?.protocol !== 'http:') return refuse(res, 400, 'Only http here; https goes through CONNECT.')
      const target = { host: url.hostname, port: Number(url.port || 80) }

      const judged = await judge(target, run.egress)
      if ('refused' in judged) {
        await entered(run, target, `refused: ${judged.refused}`, nothing)
        return refuse(res, 403, `Not allowed: ${judged.refused}.`)
      }
      const outcome = await passOn({ req, res, url, address: judged.address, ended: run.ended })
      await entered(run, target, outcome.status, outcome.bytes)
    },
  }
}

const runOf = (req: IncomingMessage, runs: Runs): OpenedRun | null => {
  const token = bearer(req.headers['proxy-authorization'])
  return token ? runs.of(token) : null
}

function targetOf(authority: string): Target | null {
  const [, six, name, port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+)):(\d{1,5})$/i.exec(authority) ?? []
  const host = six ?? name
  return host && Number(port) > 0 && Number(port) < 65_536 ? { host, port: Number(port) } : null
}

async function connected({ host, port }: Target): Promise<Socket> {
  const socket = connect({ host, port })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(() => reject(new Error('timed out')), CONNECT_TIMEOUT_MS)
  socket.once('connect', resolve).once('error', reject)
  try {
    await promise
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Until both sides are done, or the run is. */
async function joined(inside: Duplex, outside: Socket, ended: AbortSignal): Promise<void> {
  const stop = () => {
    inside.destroy()
    outside.destroy()
  }
  ended.addEventListener('abort', stop, { once: true })
  if (ended.aborted) stop()
  // How a tunnel ends is the business of its two ends.
  await Promise.allSettled([pipeline(inside, outside), pipeline(outside, inside)])
  ended.removeEventListener('abort', stop)
  stop()
}

/** Of one connection, or somebody's identity: not passed on (RFC 9110, 7.6.1). */
const notPassed = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade host'.split(
    ' ',
  ),
)

type Passing = { req: IncomingMessage; res: ServerResponse; url: URL; address: string; ended: AbortSignal }

async function passOn({ req, res, url, address, ended }: Passing) {
  const headers = { ...passed(req.headers), host: url.host }
  const { promise: answer, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const options = { host: address, port: url.port || 80, method: req.method, path: `${url.pathname}${url.search}` }
  const out = request({ ...options, headers, signal: ended, agent: false })
  out.once('response', resolve).once('error', reject)
  try {
    const [, from] = await Promise.all([pipeline(req, out), answer])
    res.writeHead(from.statusCode ?? 502, passed(from.headers))
    await pipeline(from, res)
    return { status: String(from.statusCode), bytes: bytesOf(out.socket) }
  } catch (error) {
    if (res.headersSent) res.destroy()
    else refuse(res, 502, `No answer: ${messageOf(error)}.`)
    return { status: `failed: ${messageOf(error)}`, bytes: bytesOf(out.socket) }
  }
}

const passed = (headers: IncomingMessage['headers']) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !notPassed.has(name)))

const bytesOf = (socket: Socket | null) => ({ in: socket?.bytesRead ?? 0, out: socket?.bytesWritten ?? 0 })

const messageOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error))

function end(socket: Duplex, status: number, why: string, headers = ''): void {
  socket.end(`HTTP/1.1 ${status} ${why}\r\n${headers}Content-Length: 0\r\nConnection: close\r\n\r\n`)
}

function refuse(res: ServerResponse, status: number, why: string): void {
  res.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${why}\n`)
}
