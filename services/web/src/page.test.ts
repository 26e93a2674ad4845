/** The page: what was built, and no other file. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { raw, type World, webWorld } from './testing/world.ts'

const get = (world: World, path: string) =>
  raw(world.own.port, path, { headers: { host: `127.0.0.1:${world.own.port}` } })

async function built(world: World): Promise<void> {
  await mkdir(join(world.pageDir, 'assets'))
  await writeFile(join(world.pageDir, 'index.html'), '<!doctype html><title>Sluice</title>')
  await writeFile(join(world.pageDir, 'assets', 'index-1a2b.js'), 'export {}')
  await writeFile(join(world.pageDir, 'icon.svg'), '<svg/>')
}

test('a page that is not built says so', async () => {
  await using world = await webWorld()

  const { status, body } = await get(world, '/')

  expect([status, body]).toEqual([503, 'The page is not built. Build it: npm run build\n'])
})

test('what is named by its content is kept, all else is asked for again; views are the page’s own', async () => {
  await using world = await webWorld()
  await built(world)

  const replies = await Promise.all(
    ['/', '/stories/keep-drafts-1', '/assets/index-1a2b.js', '/icon.svg', '/assets/gone.js'].map((path) =>
      get(world, path),
    ),
  )

  expect(replies.map(({ status, headers }) => [status, headers['content-type'], headers['cache-control']])).toEqual([
    [200, 'text/html; charset=utf-8', 'no-cache'],
    [200, 'text/html; charset=utf-8', 'no-cache'],
    [200, 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    [200, 'image/svg+xml', 'no-cache'],
    [404, 'application/json', undefined],
  ])
})

test('it loads itself alone, speaks to us and the bus, and frames only what agents wrote', async () => {
  await using world = await webWorld()
  await built(world)

  const { headers } = await get(world, '/')

  const policy = String(headers['content-security-policy']).split('; ')
  expect(policy).toEqual(
    expect.arrayContaining([
      "default-src 'self'",
      `connect-src 'self' ${world.own.bus.url}`,
      `frame-src http://localhost:${world.own.framesPort}`,
      "frame-ancestors 'none'",
    ]),
  )
  expect(policy.join()).not.toMatch(/script-src|unsafe-eval/)
})

test.for([
  '/..%2fsecret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/../secret.txt',
  '/..%5csecret.txt',
  '/%00',
  '/%',
])('no address leads out of the folder: %s', async (path) => {
  await using world = await webWorld()
  await built(world)
  await writeFile(join(world.pageDir, '..', 'secret.txt'), 'secret')

  expect((await get(world, path)).body).not.toContain('secret')
})
