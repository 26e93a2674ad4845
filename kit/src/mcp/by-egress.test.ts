/** MCP servers at an address, asked through a proxy that keeps the list of hosts as our egress does. */
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { createMcpHandler, Server as McpHost } from '@modelcontextprotocol/server'
import { expect, test } from 'vitest'
import { jailed, jailWorld } from '../testing/jail-world.ts'
import { fetchByEgress } from './by-egress.ts'
import { openMcpServer } from './server.ts'

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Lets through to one port, and writes down who asked for what. */
async function egress(allowed: number) {
  const asked: string[] = []
  const isListed = (req: IncomingMessage, authority: string) => {
    asked.push(`${req.headers['proxy-authorization']} ${authority}`)
    return authority === `127.0.0.1:${allowed}`
  }
  const server = createServer((req, res) => {
    const to = new URL(req.url ?? '')
    if (!isListed(req, to.host)) return void res.writeHead(403).end('not listed')
    const { 'proxy-authorization': _, ...headers } = req.headers
    const on = request(to, { method: req.method ?? 'GET', headers }, (reply) => {
      res.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(res)
    })
    req.pipe(on)
  })
  server.on('connect', (req, socket) => {
    if (!isListed(req, req.url ?? '')) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const on = connect(allowed, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    socket.pipe(on).pipe(socket)
  })
  const port = await listening(server)
  return { asked, access: { egressUrl: `http://127.0.0.1:${port}`, token: 'slc' }, close: () => server.close() }
}

const mcpHost = (seen: (string | undefined)[]): Server => {
  const handler = createMcpHandler(
    () => {
      const host = new McpHost({ name: 'far', version: '4.5.6' }, { capabilities: { tools: {} } })
      host.setRequestHandler('tools/list', () => ({ tools: [{ name: 'far', inputSchema: { type: 'object' } }] }))
      host.setRequestHandler('tools/call', () => ({ content: [{ type: 'text', text: 'from afar' }] }))
      return host
    },
    { legacy: 'stateless', responseMode: 'json' },
  )
  const listener = getRequestListener((asked) => handler.fetch(asked))
  return createServer((req, res) => {
    seen.push(req.headers.authorization)
    void listener(req, res)
  })
}

test('a server at an address is asked by the egress, as this run, with the headers of the config', async () => {
  using world = jailWorld()
  const seen: (string | undefined)[] = []
  const host = mcpHost(seen)
  const port = await listening(host)
  const way = await egress(port)
  const server = {
    ...{ name: 'far', url: `http://127.0.0.1:${port}/mcp`, timeoutSeconds: 5 },
    headers: { Authorization: 'Bearer planted' },
  }

  const connection = await openMcpServer(server, { jail: jailed(), policy: world, access: way.access })
  const result = await connection.call('far', {})

  expect(result.content).toEqual([{ type: 'text', text: 'from afar' }])
  expect(new Set(way.asked)).toEqual(new Set([`Bearer slc 127.0.0.1:${port}`]))
  expect(new Set(seen)).toEqual(new Set(['Bearer planted']))
  await connection[Symbol.asyncDispose]()
  host.close()
  way.close()
})

test('a host that is not listed is not reached, by http as by https, and the sentence says where to list it', async () => {
  const way = await egress(1)
  const fetch = fetchByEgress(way.access)

  const plain = await fetch('http://example.org/mcp')
  const secure = fetch('https://example.org/mcp')

  expect(plain.status).toBe(403)
  await expect(secure).rejects.toThrow('The egress refuses example.org:443 (403): list it in `egress` of your config.')
  way.close()
})
