/** Who holds no token, comes by another name or from another page gets nothing; a role gets artifacts and nothing else. */
import { sha256 } from '@sluice/kit/artifacts.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { raw, roleToken, token, type World, webWorld } from './testing/world.ts'

let world: World
beforeAll(async () => {
  world = await webWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const hash = sha256('x')
const host = () => `127.0.0.1:${world.own.port}`
const bearer = (value: string) => ({ authorization: `Bearer ${value}` })
const cookie = (value: string) => ({ cookie: `sluice-${world.own.port}=${value}` })
const to = (path: string, headers: Record<string, string>, method = 'GET', body = '') =>
  raw(world.own.port, path, { method, headers: { host: host(), ...headers }, body })

const rest = [
  'session',
  'stories',
  'stories/x/events',
  'stories/x/trace',
  'stories/x/runs',
  'services',
  'parked',
  'ledger',
  'memory?q=a',
]
const guarded = () => [...rest.map((path) => `/api/${path}`), `/artifacts/${hash}`]

test.for([
  ['no token', () => ({})],
  ['a wrong token', () => bearer(`${token}x`)],
  ['half of it', () => bearer(token.slice(0, -1))],
  ['an empty one', () => ({ authorization: 'Bearer ' })],
  ['a wrong cookie', () => cookie('x')],
  ['the cookie of another house', () => ({ cookie: `sluice-1=${token}` })],
] as const)('with %s everything but the page is shut', async ([, headers]) => {
  const statuses = await Promise.all(guarded().map(async (path) => (await to(path, headers())).status))
  const writes = [
    await to('/api/stories', headers(), 'POST', '{"text":"a"}'),
    await to(`/artifacts/${hash}`, headers(), 'PUT', 'x'),
  ]

  expect(statuses).toEqual(guarded().map(() => 401))
  // A write without a bearer needs our own origin before it is even asked who it is.
  expect(writes.every(({ status }) => status === 401 || status === 403)).toBe(true)
})

test('a token of a role opens artifacts and nothing of REST, as bearer or as cookie', async () => {
  const statuses = await Promise.all(
    rest.flatMap((path) => [to(`/api/${path}`, bearer(roleToken)), to(`/api/${path}`, cookie(roleToken))]),
  )
  const submitted = await to('/api/stories', bearer(roleToken), 'POST', '{"text":"a"}')
  const put = await to(`/artifacts/${hash}`, bearer(roleToken), 'PUT', 'x')
  const got = await to(`/artifacts/${hash}`, bearer(roleToken))

  expect(new Set([...statuses, submitted].map(({ status }) => status))).toEqual(new Set([401]))
  expect([put.status, got.status, got.body]).toEqual([200, 200, 'x'])
})

test('the token in the address becomes a cookie no script can read and no other page can use', async () => {
  const entered = await to(`/?token=${token}`, {})
  const wrong = await to('/?token=wrong-token-wrong-token', {})
  const [set = ''] = entered.headers['set-cookie'] ?? []

  expect([entered.status, entered.headers.location]).toEqual([302, '/'])
  expect(set).toMatch(new RegExp(`^sluice-${world.own.port}=`))
  expect(set).toMatch(/; HttpOnly/)
  expect(set).toMatch(/; SameSite=Strict/)
  expect([wrong.status, wrong.headers['set-cookie']]).toEqual([401, undefined])
  const inside = await to('/api/session', { cookie: set.split(';')[0] ?? '' })
  expect(inside.status).toBe(200)
})

test.for(['evil.example.org', 'localhost', '127.0.0.1', 'localhost:PORT', '127.0.0.1:1'])(
  'by the name %s nothing is served, not even with the token',
  async (name) => {
    const headers = { ...bearer(token), host: name.replace('PORT', String(world.own.port)) }

    const statuses = [await to('/api/session', headers), await to('/', headers), await to(`/?token=${token}`, headers)]

    expect(statuses.map(({ status }) => status)).toEqual([403, 403, 403])
  },
)

test.for(['null', 'http://evil.example.org', 'http://localhost:FRAMES', 'http://127.0.0.1:1', ''])(
  'a page of origin %j changes nothing, with the cookie or the token in hand',
  async (origin) => {
    const from = origin ? { origin: origin.replace('FRAMES', String(world.own.framesPort)) } : {}
    const withCookie = await to('/api/stories', { ...from, ...cookie(token) }, 'POST', '{"text":"a"}')
    const withToken = await to('/api/stories', { ...from, ...bearer(token) }, 'POST', '{"text":"a"}')

    expect(withCookie.status).toBe(403)
    // Without an origin it is a program that holds the token itself.
    expect(withToken.status).toBe(origin ? 403 : 201)
    expect(withCookie.headers['access-control-allow-origin']).toBeUndefined()
  },
)

test('our own page may, and nobody is given CORS', async () => {
  const origin = `http://${host()}`
  const submitted = await to('/api/stories', { origin, ...cookie(token) }, 'POST', '{"text":"a"}')
  const preflight = await to(
    '/api/stories/x/approve',
    { origin: 'null', 'access-control-request-method': 'POST' },
    'OPTIONS',
  )

  expect(submitted.status).toBe(201)
  const cors = Object.keys({ ...submitted.headers, ...preflight.headers }).filter((name) =>
    name.startsWith('access-control'),
  )
  expect([preflight.status, cors]).toEqual([403, []])
})

test('what is asked without a token says what to do', async () => {
  const { body } = await to('/api/session', {})

  expect(JSON.parse(body)).toEqual({ error: expect.stringMatching(/\.$/), mend: expect.stringContaining('sluice up') })
})
