/** An app in a jail is reached by whoever holds its inlet, through nothing an agent could have put there. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openBrowser } from '../browser.ts'
import { type Jailed, type JailPolicy, spawnJailed } from '../jail.ts'
import { findOnPath } from '../testing/find.ts'
import { type JailWorld, jailed, jailWorld } from '../testing/jail-world.ts'
import { openAppDoor } from './app-door.ts'
import { type Inlet, openInlet } from './inlet.ts'

let world: JailWorld
beforeAll(() => {
  world = jailWorld()
})
afterAll(() => world[Symbol.dispose]())

/** A page that says its name, on that port of a jail's loopback. */
const app = (name: string, port: number, host = '127.0.0.1') =>
  `require('node:http').createServer((q, r) => { r.setHeader('x-seen', JSON.stringify(q.headers)); r.setHeader('content-type', 'text/html'); ` +
  `r.end('<h1 data-region="name">${name}</h1>' + q.url) }).listen(${port}, '${host}', () => console.log('listening'))`

function start(script: string, policy: Partial<JailPolicy>): Jailed & AsyncDisposable {
  const stop = new AbortController()
  const started = spawnJailed(jailed(), { worktree: world.worktree, ...policy }, ['node', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal: stop.signal,
  })
  return {
    ...started,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await started.exited
    },
  }
}

async function running(script: string, inlet: Inlet) {
  const started = start(script, { inlet: inlet.path })
  await once(started.child.stdout as NodeJS.ReadableStream, 'data')
  return started
}

async function asked(inlet: Inlet, port: number): Promise<string> {
  const socket = await inlet.connect(port)
  socket.end('GET /a HTTP/1.0\r\n\r\n')
  return text(socket)
}

test('a port of the jail’s loopback is reached, again and again, and one where nobody listens is said to be so', async () => {
  await using inlet = await openInlet()
  await using _app = await running(app('one', 3000), inlet)

  const all = await Promise.all(Array.from({ length: 6 }, () => asked(inlet, 3000)))

  expect(all.every((said) => said.includes('one</h1>/a'))).toBe(true)
  await expect(inlet.connect(3001)).rejects.toThrow('Nobody listens on port 3001.')
  expect(await asked(inlet, 3000)).toContain('one')
})

test('of several jails the one is reached that listens there, on either loopback', async () => {
  await using inlet = await openInlet()
  await using _one = await running(app('one', 3000), inlet)
  await using _six = await running(app('six', 3006, '::1'), inlet)

  expect([await asked(inlet, 3000), await asked(inlet, 3006)]).toEqual([
    expect.stringContaining('one'),
    expect.stringContaining('six'),
  ])
})

test('where no jail is, nobody listens', async () => {
  await using inlet = await openInlet()

  await expect(inlet.connect(3000)).rejects.toThrow('Nobody listens')
})

test('a browser in a jail of its own sees the app of another jail, and nothing of the machine', async () => {
  await using inlet = await openInlet()
  await using door = await openAppDoor(inlet)
  await using _app = await running(app('seen', 3000), inlet)
  const server = createServer((_, reply) => void reply.end('<h1 data-region="name">the machine</h1>')).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await using browser = openBrowser({ path: findOnPath('chromium') }, jailed(), door.path)
  const viewports = [{ name: 'one', width: 300, height: 200 }]

  const [page] = await browser.render({ url: 'http://localhost:3000/', viewports })
  const [other] = await browser.render({ url: `http://localhost:${port}/`, viewports })

  expect(page?.regions.map((region) => region.text)).toEqual(['seen'])
  expect(other?.regions).toEqual([])
  await expect(browser.render({ url: 'http://example.com/', viewports })).resolves.toMatchObject([{ regions: [] }])
  server.close()
})

test('a service that is listed is reached on its own port, and no other one', async () => {
  const proxy = createServer()
  const wanted: string[] = []
  proxy.on('connect', (request, socket, head) => {
    wanted.push(request.url ?? '')
    if (request.url !== '127.0.0.1:5432') return void socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    const service = connect(servicePort, '127.0.0.1')
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    service.write(head)
    socket.pipe(service).pipe(socket)
  })
  const service = createTcpServer((socket) => void socket.end('database')).listen(0, '127.0.0.1')
  await once(service, 'listening')
  const { port: servicePort } = service.address() as { port: number }
  const socket = join(world.root, 'run.sock')
  await once(proxy.listen(socket), 'listening')
  const look = `for (const port of [5432, 5433, ${servicePort}]) { const s = require('node:net').connect(port, '127.0.0.1'); let said = ''
    s.on('data', (d) => { said += d }).on('error', (e) => console.log(port + ' ' + e.code)).on('end', () => console.log(port + ' ' + said)) }`

  await using looked = start(look, { socket, services: ['127.0.0.1:5432'] })
  const said = await text(looked.child.stdout as NodeJS.ReadableStream)

  expect(said.trim().split('\n').sort()).toEqual(
    ['5432 database', '5433 ECONNREFUSED', `${servicePort} ECONNREFUSED`].sort(),
  )
  expect(wanted).toEqual(['127.0.0.1:5432'])
  proxy.close()
  service.close()
})

test('who says more than a name, or waits too often, is sent away', async () => {
  await using inlet = await openInlet()
  const talker = connect(inlet.path)
  talker.write('x'.repeat(1000))
  await once(talker, 'close')
  const many = Array.from({ length: 12 }, () => connect(inlet.path))
  for (const one of many) one.on('error', () => {}).write('same\n')

  await vi.waitFor(() => expect(many.filter(({ closed }) => closed)).toHaveLength(4))

  for (const one of many) one.destroy()
})
