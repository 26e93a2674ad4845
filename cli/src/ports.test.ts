/** The ports of a house: its page where people look for it, or beside it. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { choosePorts } from './ports.ts'

test('no two are the same, and all are free', async () => {
  const ports = Object.values(await choosePorts(0))

  expect(new Set(ports).size).toBe(6)
  for (const port of ports) {
    const server = createServer().listen(port, '127.0.0.1')
    await once(server, 'listening')
    await once(server.close(), 'close')
  }
})

test('where the usual one is taken and none was asked for, it is the next', async () => {
  const { page } = await choosePorts()
  const server = createServer().listen(page, '127.0.0.1')
  await once(server, 'listening')

  const next = await choosePorts()

  expect(next.page).toBeGreaterThan(page)
  server.close()
})
