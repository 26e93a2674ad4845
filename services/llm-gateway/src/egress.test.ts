/** The second door: what a jail reaches through it, and what it does not. */
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { expect, test } from 'vitest'
import { isPublic, judge } from './rules.ts'
import { gatewayWorld, secrets } from './testing.ts'

async function echo() {
  const server = createTcpServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() }
}

/** The status line that CONNECT is answered with, and the tunnel. */
async function tunnel(gateway: string, target: string, token: string) {
  const socket = connect(Number(new URL(gateway).port), '127.0.0.1')
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nProxy-Authorization: Bearer ${token}\r\n\r\n`)
  const [head] = (await once(socket, 'data')) as [Buffer]
  return { status: Number(head.toString().split(' ')[1]), socket }
}

test('a host that is listed with its port is reached, and every byte entered', async () => {
  using server = await echo()
  await using world = await gatewayWorld(() => 'x')
  const host = `127.0.0.1:${server.port}`
  const { status, socket } = await tunnel(world.gateway.url, host, await world.run({ egress: [host] }))

  socket.write('over there')
  const [said] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()

  expect(status).toBe(200)
  expect(said.toString()).toBe('over there')
  await expect
    .poll(() => world.ledger('s1'))
    .toMatchObject([{ door: 'egress', host, bytesOut: 10, bytesIn: 10, outcome: 'closed' }])
})

test.each<[string, string[]]>([
  ['127.0.0.1:9', []],
  ['127.0.0.1:80', ['127.0.0.1']],
  ['localhost:443', ['localhost', '*']],
  ['[::1]:443', ['::1']],
  ['[::ffff:127.0.0.1]:443', ['::ffff:127.0.0.1']],
  ['169.254.169.254:80', ['169.254.169.254']],
  ['evil.npmjs.org.example.com:443', ['*.npmjs.org']],
  ['npmjs.org:22', ['npmjs.org']],
])('%s is refused with %j, and entered', async (target, egress) => {
  await using world = await gatewayWorld(() => 'x')

  const { status } = await tunnel(world.gateway.url, target, await world.run({ egress }))

  expect(status).toBe(403)
  await expect.poll(async () => (await world.ledger('s1'))[0]?.outcome).toContain('refused')
})

test('without a token of an open run nothing is reached', async () => {
  using server = await echo()
  await using world = await gatewayWorld(() => 'x')

  const { status } = await tunnel(world.gateway.url, `127.0.0.1:${server.port}`, secrets.analyst)

  expect(status).toBe(407)
})

test('a tunnel ends with its run', async () => {
  using server = await echo()
  await using world = await gatewayWorld(() => 'x')
  const host = `127.0.0.1:${server.port}`
  const token = await world.run({ egress: [host] })
  const { socket } = await tunnel(world.gateway.url, host, token)
  const closed = once(socket, 'close')

  await fetch(`${world.gateway.url}/runs/${token}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${secrets.analyst}` },
  })

  await closed
})

test('a plain request passes without the token, and its answer comes back', async () => {
  let seen: Record<string, unknown> = {}
  const server = createServer((req, res) => {
    seen = { ...req.headers, url: req.url }
    res.writeHead(201, { 'x-there': 'yes' }).end('hello')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  await using world = await gatewayWorld(() => 'x')
  const token = await world.run({ egress: [host] })
  const ask = (target: string) => plain(world.gateway.url, target, token)

  const there = await ask(`http://${host}/a?b=c`)
  const refused = await ask('http://169.254.169.254/latest/meta-data')

  expect(there).toEqual({ status: 201, body: 'hello' })
  expect(seen).toMatchObject({ url: '/a?b=c', host })
  expect(JSON.stringify(seen)).not.toContain(token)
  expect(refused.status).toBe(403)
  expect((await world.ledger('s1')).map((e) => e.outcome)).toEqual(['201', expect.stringContaining('refused')])
  server.close()
})

async function plain(
  gateway: string,
  target: string,
  token: string,
): Promise<{ status: number | undefined; body: string }> {
  const { port } = new URL(gateway)
  const out = request({
    host: '127.0.0.1',
    port,
    path: target,
    headers: { 'proxy-authorization': `Bearer ${token}`, host: new URL(target).host },
  })
  out.end()
  const [reply] = (await once(out, 'response')) as [import('node:http').IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of reply) chunks.push(chunk as Buffer)
  return { status: reply.statusCode, body: Buffer.concat(chunks).toString() }
}

test('names below a star are those alone', async () => {
  const refusal = async (host: string, rule: string) => JSON.stringify(await judge({ host, port: 443 }, [rule]))

  expect(await refusal('npmjs.org', '*.npmjs.org')).toContain('not on the list')
  expect(await refusal('xnpmjs.org', '*.npmjs.org')).toContain('not on the list')
  expect(await refusal('registry.nowhere.invalid.', 'REGISTRY.nowhere.invalid')).toContain('has no address')
})

test.each([
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '0.0.0.0',
  '127.9.9.9',
  '::1',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
])('%s is no public address', (address) => {
  expect(isPublic(address)).toBe(false)
})

test.each(['8.8.8.8', '104.16.1.1', '2606:4700::1'])('%s is one', (address) => {
  expect(isPublic(address)).toBe(true)
})
