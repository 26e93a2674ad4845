/** What agents wrote: shown on another origin, by an address nobody guesses, without network, session or form. */
import type { Session } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { raw, token, type World, webWorld } from './testing/world.ts'

const page = '<script>fetch("http://127.0.0.1/api/stories/x/approve", { method: "POST" })</script>'

async function framed(world: World) {
  const { sha256: hash } = await world.store.put(page, { name: 'm.html', mediaType: 'text/html' })
  const { frames } = (await world.ask<Session>('GET', '/api/session')).body
  const { pathname } = new URL(frames)
  const get = (path: string, headers = {}) =>
    raw(world.own.framesPort, path, { headers: { host: `localhost:${world.own.framesPort}`, ...headers } })
  return { hash, frames, path: `${pathname}/${hash}`, get }
}

test('a mockup is shown as the page it is, in a sandbox that reaches nothing', async () => {
  await using world = await webWorld()
  const { frames, path, get } = await framed(world)

  const { status, headers, body } = await get(path)

  expect(frames).toMatch(new RegExp(`^http://localhost:${world.own.framesPort}/[\\w-]{20,}$`))
  expect([status, headers['content-type'], body]).toEqual([200, 'text/html; charset=utf-8', page])
  const policy = String(headers['content-security-policy']).split('; ')
  expect(policy).toEqual([
    'sandbox allow-scripts',
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "script-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "form-action 'none'",
    "base-uri 'none'",
    `frame-ancestors ${world.origin}`,
  ])
  expect(headers['set-cookie']).toBeUndefined()
  expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

test('by another address, name or secret there is nothing, and nothing of REST is here', async () => {
  await using world = await webWorld()
  const { hash, path, get } = await framed(world)

  const replies = [
    await get(`/${'x'.repeat(32)}/${hash}`),
    await get(`/${hash}`),
    await get(path.slice(0, -1)),
    await get(path.replace(/[^/]*$/, '..%2f..%2ftoken')),
    await get('/'),
    await get(`/?token=${token}`),
    await get('/api/session', { authorization: `Bearer ${token}` }),
    await get(path, { host: `127.0.0.1:${world.own.framesPort}` }),
    await get(path, { host: `evil.example.org:${world.own.framesPort}` }),
  ]

  expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404, 404, 403, 403])
})

test('the address is another one after every start', async () => {
  await using world = await webWorld()
  const before = await framed(world)
  await world.restart()

  const after = await framed(world)

  expect(after.frames).not.toBe(before.frames)
  expect((await after.get(before.path)).status).toBe(404)
})
