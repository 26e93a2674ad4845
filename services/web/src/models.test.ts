/** The models a story may choose, with a gateway that lists them and without one. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Models } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { webWorld } from './testing/world.ts'

/** A gateway that lists these. */
async function listing(models: object[]) {
  const server = createServer((_, res) => res.end(JSON.stringify({ models, problem: null }))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { gateway: { url, secret: 'secret-of-web' }, [Symbol.dispose]: () => void server.close() }
}

const opus = { id: 'claude-opus-5-5', name: 'Opus', efforts: ['low', 'high'] }

test('what the API lists is offered where its price is known, and what the person has priced beside it', async () => {
  using api = await listing([opus, { id: 'unpriced-1', name: 'Unpriced' }])
  await using world = await webWorld({ priced: ['house-model'] }, { gateway: api.gateway })

  const { body } = await world.ask<Models>('GET', '/api/models')

  expect(body).toMatchObject({ from: 'api', problem: null })
  expect(body.models.map(({ id }) => id)).toEqual(['claude-opus-5-5', 'house-model'])
})

test('without an answer the models of the price table are offered, and the page is told so', async () => {
  await using world = await webWorld()

  const { body } = await world.ask<Models>('GET', '/api/models')

  expect(body).toMatchObject({ from: 'prices', problem: expect.stringContaining('whose price is known') })
  expect(body.models.map(({ id }) => id)).toContain('claude-sonnet-5-5')
})

test('an effort that the model does not know is refused with those it does', async () => {
  using api = await listing([opus])
  await using world = await webWorld({}, { gateway: api.gateway })

  const { status, body } = await world.ask('POST', '/api/stories', {
    json: { text: 'Keep drafts.', choice: { effort: 'max' } },
  })

  expect({ status, ...body }).toMatchObject({
    status: 400,
    error: 'claude-opus-5-5 does not know the effort max.',
    mend: 'It knows low, high.',
  })
})
