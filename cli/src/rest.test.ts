/** A command that meets a page in the middle of a restart. */
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Commanded } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { restOf } from './rest.ts'

test('a command whose answer was lost is sent again with its key, so that it stays one command', async () => {
  const keys: unknown[] = []
  await using page = await pageThat((request, reply) => {
    keys.push(request.headers['idempotency-key'])
    if (keys.length === 1) request.socket.destroy()
    else reply.end(JSON.stringify({ event: 'an-event-id' }))
  })

  const answered = await restOf({ origin: page.origin, token: 't' }).post('/api/stories/s1/retry', {}, Commanded)

  expect(answered).toEqual({ event: 'an-event-id' })
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), keys[0]])
})

test('two commands have two keys', async () => {
  const keys = new Set<unknown>()
  await using page = await pageThat((request, reply) => {
    keys.add(request.headers['idempotency-key'])
    reply.end(JSON.stringify({ event: 'an-event-id' }))
  })
  const rest = restOf({ origin: page.origin, token: 't' })

  await rest.post('/a', {}, Commanded)
  await rest.post('/a', {}, Commanded)

  expect(keys.size).toBe(2)
})

test('an answer of another version is refused with what to do', async () => {
  await using page = await pageThat((_, reply) => reply.end('{}'))

  await expect(restOf({ origin: page.origin, token: 't' }).get('/a', Commanded)).rejects.toThrow(
    'Stop Sluice and start it again from this checkout.',
  )
})

async function pageThat(answer: RequestListener) {
  const server = createServer(answer)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = async () => {
    server.closeAllConnections()
    await once(server.close(), 'close')
  }
  return { origin, [Symbol.asyncDispose]: close }
}
