/** What gets out of a jail through its run's socket, as whom, and what does not. */
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, test } from 'vitest'
import { type Executed, runJailed } from './exec.ts'
import type { Jail } from './jail.ts'
import { openRunSocket, type RunGateway, type RunHandler } from './run-socket.ts'
import { jailed, jailWorld } from './testing/jail-world.ts'

type Heard = { method: string | undefined; url: string | undefined; headers: IncomingMessage['headers']; body: string }

/** A gateway that tells what it heard and answers as told. */
async function listening(answer: RequestListener = (_, response) => response.end('answered')) {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    heard.push({ method: request.method, url: request.url, headers: request.headers, body })
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, heard, url: addressOf(server), [Symbol.dispose]: () => void server.close().closeAllConnections() }
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

async function inJail(
  command: string,
  {
    gateway,
    handlers = {},
    jail = jailed(),
  }: { gateway: RunGateway; handlers?: Record<string, RunHandler>; jail?: Jail },
): Promise<Executed> {
  using world = jailWorld()
  await using socket = await openRunSocket({ gateway, handlers })
  const policy = { worktree: world.worktree, socket: socket.path }
  return await runJailed(jail, policy, command, { timeoutMs: 20_000, logFile: world.log })
}

test('a model call leaves as the run, whatever identity the jail put on it', async () => {
  using gateway = await listening()
  const call = `curl -s http://127.0.0.1:4141/v1/messages?beta=true -H 'Authorization: Bearer stolen' -H 'X-Api-Key: stolen' \
    -H 'Cookie: session=stolen' -H 'anthropic-version: 2023-06-01' -d '{"model":"m"}'`

  const { log } = await inJail(call, { gateway: { url: gateway.url, token: 'run-token' } })

  expect(log.tail).toBe('answered')
  expect(gateway.heard).toMatchObject([{ method: 'POST', url: '/v1/messages?beta=true', body: '{"model":"m"}' }])
  expect(gateway.heard[0]?.headers).toMatchObject({
    authorization: 'Bearer run-token',
    'anthropic-version': '2023-06-01',
  })
  expect(JSON.stringify(gateway.heard)).not.toContain('stolen')
})

test('an answer arrives while it is still being given', async () => {
  const first = Promise.withResolvers<void>()
  using gateway = await listening((_, response) => {
    response.write('event: one\n\n')
    first.promise.then(() => response.end('event: two\n\n'))
  })
  const read =
    'curl -sN http://127.0.0.1:4141/v1/messages | while read -r line; do echo "$line"; curl -s 127.0.0.1:4141/seen; done'

  const handlers = { '/seen': ((_, response) => void response.end('', first.resolve)) satisfies RunHandler }
  const { log } = await inJail(read, { gateway: { url: gateway.url, token: 't' }, handlers })

  expect(log.tail).toMatch(/event: one[\s\S]*event: two/)
})

test.each(['/v1/../admin', '/v1/%2e%2e/admin', '/admin', '//admin', '/v2/messages', '/'])(
  'what lies beside the models is not there: %s',
  async (path) => {
    using gateway = await listening()

    const { log } = await inJail(`curl -s --path-as-is -w '%{http_code}' 'http://127.0.0.1:4141${path}'`, {
      gateway: { url: gateway.url, token: 't' },
    })

    expect(log.tail).toMatch(/404$/)
    expect(gateway.heard).toEqual([])
  },
)

test('a gateway that is gone is told in one sentence', async () => {
  const { log } = await inJail("curl -s -w '%{http_code}' http://127.0.0.1:4141/v1/messages", {
    gateway: { url: 'http://127.0.0.1:1', token: 't' },
  })

  expect(log.tail).toMatch(/The gateway does not answer: .*502$/)
})

test('plain web requests go to the egress proxy as the run, without the jail’s cookies and logins', async () => {
  using egress = await listening()
  const ask = `curl -s -H 'Cookie: stolen' -H 'Authorization: Basic stolen' http://registry.example/pkg`

  const { log } = await inJail(ask, {
    gateway: { url: 'http://127.0.0.1:1', token: 'run-token', egressUrl: egress.url },
  })

  expect(log.tail).toBe('answered')
  expect(egress.heard[0]).toMatchObject({ url: 'http://registry.example/pkg' })
  expect(egress.heard[0]?.headers).toMatchObject({
    host: 'registry.example',
    'proxy-authorization': 'Bearer run-token',
  })
  expect(JSON.stringify(egress.heard)).not.toContain('stolen')
})

test('a tunnel is asked of the egress proxy as the run and carries both ways', async () => {
  using egress = await listening()
  const asked: IncomingMessage[] = []
  egress.server.on('connect', (request, socket) => {
    asked.push(request)
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.once('data', (data) =>
      socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${String(data).split('\r\n')[0]}`),
    )
  })

  const { log } = await inJail('curl -s --proxytunnel http://registry.example:443/pkg', {
    gateway: { url: 'http://127.0.0.1:1', token: 'run-token', egressUrl: egress.url },
  })

  expect(log.tail).toBe('GET /pkg HTTP/1.1')
  expect(asked[0]?.url).toBe('registry.example:443')
  expect(asked[0]?.headers['proxy-authorization']).toBe('Bearer run-token')
})

test('a tunnel the egress proxy refuses is refused inside', async () => {
  using egress = await listening()
  egress.server.on('connect', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'))

  const { log } = await inJail('curl -s --proxytunnel -w "%{http_connect}" https://evil.example/', {
    gateway: { url: 'http://127.0.0.1:1', token: 't', egressUrl: egress.url },
  })

  expect(log.tail).toBe('403')
})

test.each(['http://example.com/', 'https://example.com/'])(
  'without an egress proxy there is no way to %s',
  async (url) => {
    const { log } = await inJail(`curl -s -o /dev/null -w '%{http_code}%{http_connect}' ${url}`, {
      gateway: { url: 'http://127.0.0.1:1', token: 't' },
    })

    expect(log.tail).toContain('403')
  },
)

test('closing ends an answer that is still being given and takes the socket away', async () => {
  using gateway = await listening((_, response) => void response.write('begun'))
  const socket = await openRunSocket({ gateway: { url: gateway.url, token: 't' } })
  const client = connect(socket.path)
  client.write('GET /v1/x HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(client, 'data')
  const ended = once(client, 'close')

  await socket[Symbol.asyncDispose]()

  await ended
  expect(existsSync(socket.path)).toBe(false)
})

test.each([
  ['exit 7', 7],
  ['kill -TERM $$', 143],
])('a command behind the forwarder ends as it would without it: %s', async (command, exitCode) => {
  const executed = await inJail(command, { gateway: { url: 'http://127.0.0.1:1', token: 't' } })

  expect(executed.exitCode).toBe(exitCode)
})
