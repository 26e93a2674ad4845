/** The ports of a house: its page where people look for it, or beside it. */
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { choosePorts } from './ports.ts'

const claims = mkdtempSync(join(tmpdir(), 'slc-ports-'))

test('no two are the same, and all are free', async () => {
  const ports = Object.values((await choosePorts(claims, 0)).ports)

  expect(new Set(ports).size).toBe(6)
  for (const port of ports) {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    await once(server.close(), 'close')
  }
})

test('where the usual one is taken and none was asked for, it is another', async () => {
  const first = await choosePorts(claims)
  first.claim?.[Symbol.dispose]()
  const server = createServer().listen(first.ports.page, '127.0.0.1')
  await once(server, 'listening')

  const next = await choosePorts(claims)

  expect(next.ports.page).not.toBe(first.ports.page)
  server.close()
})

test('two that look at the same moment do not choose the same, though neither listens yet', async () => {
  const [one, other] = await Promise.all([choosePorts(claims), choosePorts(claims)])

  expect(one.ports.page).not.toBe(other.ports.page)
})
