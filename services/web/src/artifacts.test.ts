/** Artifacts: what their name says, and nothing that could run with the person's session. */
import { writeFile } from 'node:fs/promises'
import { artifactClient, sha256 } from '@sluice/kit/artifacts.ts'
import { expect, test } from 'vitest'
import { MOST_BYTES } from './artifacts.ts'
import { roleToken, webWorld } from './testing/world.ts'

const page = '<script>fetch("/api/stories/x/approve", { method: "POST" })</script>'

test('a role puts and gets by its own client', async () => {
  await using world = await webWorld()
  const artifacts = artifactClient({ url: world.origin, token: roleToken })

  const put = await artifacts.put(Buffer.from([0, 255, 7]), { name: 'a.bin', mediaType: 'application/x' })

  expect([...(await artifacts.get(put))]).toEqual([0, 255, 7])
})

test('on the page’s origin it is a download, or one of four harmless kinds', async () => {
  await using world = await webWorld()
  const { sha256: hash } = await world.store.put(page, { name: 'm.html', mediaType: 'text/html' })
  const asked = [
    '',
    '?as=text/html',
    '?as=image/svg%2Bxml',
    '?as=text/javascript',
    '?as=constructor',
    '?as=text/plain',
    '?as=image/png',
  ]

  const replies = await Promise.all(asked.map((as) => world.ask('GET', `/artifacts/${hash}${as}`)))

  const shown = replies.map(({ headers }) => [headers.get('content-type'), headers.get('content-disposition')])
  const download = ['application/octet-stream', 'attachment']
  expect(shown).toEqual([...Array(5).fill(download), ['text/plain; charset=utf-8', null], ['image/png', null]])
  for (const { headers } of replies) {
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
  }
})

test('bytes that are not what their name says are not taken, nor more than 64 MB, nor a name that is none', async () => {
  await using world = await webWorld()
  const put = (name: string, body: RequestInit['body']) => world.ask('PUT', `/artifacts/${name}`, { body: body ?? '' })
  const large = Buffer.alloc(MOST_BYTES + 1)

  const replies = [
    await put(sha256('y'), 'x'),
    await put(sha256(large), large),
    await put('..%2f..%2ftoken', 'x'),
    await put(sha256('x').toUpperCase(), 'x'),
  ]
  const read = await Promise.all([sha256('y'), '..%2f..%2ftoken'].map((name) => world.ask('GET', `/artifacts/${name}`)))

  expect(replies.map(({ status }) => status)).toEqual([400, 413, 400, 400])
  expect(read.map(({ status }) => status)).toEqual([404, 404])
})

test('a full disk is said in a sentence', async () => {
  const store = {
    get: () => Promise.reject(new Error('not asked')),
    // What a full disk says, said by one that is always full.
    put: () => writeFile('/dev/full', 'x').then(() => Promise.reject(new Error('not full'))),
  }
  await using world = await webWorld({}, { store })

  const { status, body } = await world.ask('PUT', `/artifacts/${sha256('x')}`, { body: 'x' })

  expect({ status, error: body.error }).toEqual({ status: 507, error: 'The disk is full.' })
})
