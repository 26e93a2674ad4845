/** `fetch` through a run's egress: the list of hosts and the ledger hold for MCP servers elsewhere as for everything in the jail. */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { ModelAccess } from '../model-access.ts'

type Way = Pick<ModelAccess, 'egressUrl' | 'token'>

export const fetchByEgress =
  (way: Way): ((url: string | URL, init?: RequestInit) => Promise<Response>) =>
  async (url, init = {}) => {
    const request = new Request(url, init)
    const body = request.body ? Buffer.from(await request.arrayBuffer()) : undefined
    const reply = await send(request, { body, way, signal: init.signal ?? undefined })
    return asResponse(reply)
  }

type Sending = { body: Buffer | undefined; way: Way; signal: AbortSignal | undefined }

async function send(request: Request, { body, way, signal }: Sending): Promise<IncomingMessage> {
  const to = new URL(request.url)
  const proxy = new URL(way.egressUrl)
  const headers = { ...Object.fromEntries(request.headers), ...(body && { 'content-length': body.length }) }
  const how = { method: request.method, ...(signal && { signal }) }
  const authority = `${to.hostname}:${to.port || (to.protocol === 'https:' ? 443 : 80)}`
  if (to.protocol === 'http:') {
    const proxied = { host: to.host, 'proxy-authorization': `Bearer ${way.token}` }
    const at = { host: proxy.hostname, port: proxy.port, path: request.url }
    return answered(httpRequest({ ...how, ...at, headers: { ...headers, ...proxied } }), body)
  }
  const socket = await tunnel(proxy, { authority, token: way.token, signal })
  const tls: RequestOptions = {
    createConnection: () => connectTls({ socket, servername: to.hostname, ALPNProtocols: ['http/1.1'] }),
  }
  return answered(httpsRequest(to, { ...how, ...tls, headers }), body)
}

function tunnel(
  proxy: URL,
  { authority, token, signal }: { authority: string; token: string; signal: AbortSignal | undefined },
): Promise<Socket> {
  const headers = { host: authority, 'proxy-authorization': `Bearer ${token}` }
  const at = { host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: authority }
  const asked = httpRequest({ ...at, headers, ...(signal && { signal }) })
  return new Promise((resolve, reject) => {
    asked.once('error', reject)
    asked.once('response', (reply) => reject(new Error(`The egress refuses ${authority}: ${reply.statusCode}.`)))
    asked.once('connect', (reply, socket: Socket) => {
      if (reply.statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(new Error(`The egress refuses ${authority} (${reply.statusCode}): list it in \`egress\` of your config.`))
    })
    asked.end()
  })
}

function answered(request: ReturnType<typeof httpRequest>, body: Buffer | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('error', reject).once('response', resolve)
    request.end(body)
  })
}

/** These may have no body by the rules of fetch. */
const BODILESS = new Set([101, 204, 205, 304])

function asResponse(reply: IncomingMessage): Response {
  const status = reply.statusCode ?? 502
  const headers = new Headers(
    Object.entries(reply.headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    ),
  )
  if (BODILESS.has(status)) reply.resume()
  const body = BODILESS.has(status) ? null : (Readable.toWeb(reply) as ReadableStream<Uint8Array>)
  return new Response(body, { status, headers })
}
