/** The app of a story as a person sees it: in its jail, on a host of its own, without anybody's session. */
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PreviewView } from '@sluice/proto/rest.ts'
import { afterEach, expect, test, vi } from 'vitest'
import { raw, toBuilt, type World, webWorld } from '../testing/world.ts'

const APP = `
const { createServer } = require('node:http')
const server = createServer((asked, reply) => {
  if (asked.url === '/away') return reply.writeHead(302, { location: 'http://localhost:' + process.env.PORT + '/there' }).end()
  if (asked.url === '/crash') process.exit(3)
  reply.setHeader('set-cookie', 'session=of-the-app; HttpOnly')
  reply.end(JSON.stringify({ url: asked.url, headers: asked.headers }))
})
server.on('upgrade', (asked, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n' + JSON.stringify(asked.headers))
  socket.pipe(socket)
})
server.listen(process.env.PORT, () => console.log('the app is up'))
`

const worlds: World[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world[Symbol.asyncDispose]()
})

/** A story that has built this. */
async function built(files: Record<string, string>, more: Parameters<typeof webWorld>[1] = {}) {
  const world = await webWorld({}, more)
  worlds.push(world)
  const commit = await world.repo.commit(files)
  const id = await world.submit()
  await toBuilt(world, id, { base: commit, commit, tree: commit, patchId: 'p' })
  const ask = async (method: string) => (await world.ask<PreviewView>(method, `/api/stories/${id}/preview`)).body
  const until = (state: PreviewView['state']) =>
    vi.waitUntil(async () => {
      const view = await ask('GET')
      return view.state === state && view
    }, 20_000)
  return { world, id, ask, until }
}

async function running(files: Record<string, string> = {}) {
  const it = await built({
    'sluice.yaml': 'preview: node app.js\nsetup: echo made > made.txt\n',
    'app.js': APP,
    ...files,
  })
  await it.ask('POST')
  const view = await it.until('running')
  const { host } = new URL(view.address ?? '')
  const get = (path: string, headers: Record<string, string> = {}) =>
    raw(it.world.own.framesPort, path, { headers: { host, ...headers } })
  return { ...it, view, host, get }
}

test('a person sees the app on a host of its own, set up and in the jail', async () => {
  const { view, get, host, world } = await running()

  const { status, headers, body } = await get('/a?b=c')

  expect(view).toMatchObject({ command: 'node app.js', problem: null, outdated: false })
  expect(view.log).toContain('the app is up')
  expect(host).toMatch(new RegExp(`^[0-9a-f]{32}\\.localhost:${world.own.framesPort}$`))
  expect([status, JSON.parse(body).url]).toEqual([200, '/a?b=c'])
  const policy = String(headers['content-security-policy'])
  expect(policy).toContain('sandbox allow-scripts allow-same-origin allow-forms')
  expect(policy).toContain("default-src 'self'")
  expect(policy).toContain(`frame-ancestors ${world.origin}`)
  expect(headers['referrer-policy']).toBe('no-referrer')
})

test('the app gets no cookie and no login of the person’s, and its own are kept from their browser', async () => {
  const { get, world, host } = await running()

  const first = await get('/', { cookie: `sluice-${world.own.port}=the-session; other=1`, authorization: 'Bearer x' })
  const second = await get('/', { origin: `http://${host}` })

  const seen = JSON.parse(first.body).headers
  expect([seen.cookie, seen.authorization, seen.host]).toEqual([
    undefined,
    undefined,
    expect.stringMatching(/^localhost:/),
  ])
  expect(first.headers['set-cookie']).toBeUndefined()
  expect(JSON.parse(second.body).headers).toMatchObject({ cookie: 'session=of-the-app', origin: `http://${seen.host}` })
})

test('an address of the app’s own leads to the app', async () => {
  const { get } = await running()

  const { status, headers } = await get('/away')

  expect([status, headers.location]).toEqual([302, '/there'])
})

test('a websocket goes through, without the person’s session', async () => {
  const { world, host } = await running()
  const socket = connect(world.own.framesPort, '127.0.0.1')
  let said = ''
  socket.on('data', (chunk) => {
    said += chunk
  })

  const head = `GET /hmr HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: s=1\r\n\r\n`
  socket.write(head)
  await vi.waitUntil(() => said.includes('}'), 10_000)
  socket.write('ping-from-outside')

  await vi.waitUntil(() => said.includes('ping-from-outside'), 10_000)
  expect(said).toMatch(/^HTTP\/1\.1 101 /)
  expect(said).not.toContain('s=1')
  socket.destroy()
})

test('by another label, host or start nobody sees it', async () => {
  const { get, world, ask, until, host } = await running()
  const under = (name: string) => raw(world.own.framesPort, '/', { headers: { host: name } })

  const strangers = await Promise.all([
    under(`${'0'.repeat(32)}.localhost:${world.own.framesPort}`),
    under(`localhost:${world.own.framesPort}`),
    under(`127.0.0.1:${world.own.framesPort}`),
    under(`${host.split('.')[0]}.evil.example:${world.own.framesPort}`),
  ])
  await ask('DELETE')
  const gone = await get('/')
  await ask('POST')
  const again = await until('running')

  expect(strangers.map(({ status }) => status)).toEqual([404, 404, 403, 403])
  expect(gone.status).toBe(404)
  expect(new URL(again.address ?? '').host).not.toBe(host)
  const refused = await fetch(`${world.origin}/api/stories/${'x'}/preview`, { method: 'POST' })
  expect(refused.status).toBe(403)
})

test('an app that crashes says so, with what it said, and is started anew when asked for', async () => {
  const { get, until, ask } = await running()

  await get('/crash').catch(() => undefined)

  const ended = await until('ended')
  expect(ended.problem).toBe('The preview command `node app.js` ended with 3.')
  expect(await get('/')).toMatchObject({ status: 503, body: expect.stringContaining('ended with 3') })
  await ask('POST')
  await until('running')
})

test('a set-up that fails is told in a sentence', async () => {
  const it = await built({ 'sluice.yaml': 'preview: node app.js\nsetup: echo no such thing; exit 4\n' })

  await it.ask('POST')

  expect(await it.until('ended')).toMatchObject({
    problem: 'The set-up command `echo no such thing; exit 4` ended with 4.',
    log: expect.stringContaining('no such thing'),
  })
})

test('a project without the command, and a story without a build, are told what is missing', async () => {
  const none = await built({ 'a.txt': 'x' })
  const early = await built({ 'sluice.yaml': 'preview: node app.js\n' })
  const id = await early.world.submit('Another.')

  expect(await none.ask('POST')).toMatchObject({ error: 'This project says no preview command.' })
  const { status, body } = await early.world.ask('POST', `/api/stories/${id}/preview`)
  expect([status, body.error]).toEqual([409, 'This story has built nothing yet.'])
})

test('the app reaches nothing of the machine, and is reached by its address alone', async () => {
  const server = createServer((_, reply) => void reply.end('the machine')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const reach = `fetch('${at}').then(() => console.log('reached'), () => console.log('held')).then(() => require('./app.js'))`
  const it = await running({ 'reach.js': reach, 'sluice.yaml': 'preview: node reach.js\n' })
  const { host } = JSON.parse((await it.get('/')).body).headers

  const direct = connect(Number(host.split(':')[1]), '127.0.0.1')

  const [error] = (await once(direct, 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')
  expect(it.view.log).toContain('held')
  server.close()
})

test('a preview that nobody looks at is stopped', async () => {
  let now = new Date()
  const files = { 'sluice.yaml': 'preview: node app.js\n', 'app.js': APP }
  const dir = join(mkdtempSync(join(tmpdir(), 'slc-previews-')), 'previews')
  const it = await built(files, { previews: { dir, idleMs: 500 }, now: () => now })
  await it.ask('POST')
  await it.until('running')

  now = new Date(now.getTime() + 60_000)

  await it.until('off')
})
