/** The list of models: what each can do, asked for once for many readers, entered in the ledger, and a sentence where there is none. */
import { expect, test } from 'vitest'
import { gatewayWorld, secrets } from './testing.ts'

const models = async (url: string, secret: string = secrets.analyst) => {
  const reply = await fetch(`${url}/models`, { headers: { authorization: `Bearer ${secret}` } })
  return { status: reply.status, body: reply.ok ? await reply.json() : null }
}

test('every service is told what the API lists and what each model can do, and the API is asked once', async () => {
  await using world = await gatewayWorld(() => 'hello')

  const { body } = await models(world.gateway.url)
  await models(world.gateway.url, secrets.web)

  expect(body).toMatchObject({
    problem: null,
    models: expect.arrayContaining([
      {
        ...{ id: 'claude-opus-5-5', name: expect.stringContaining('claude-opus-5-5'), images: true },
        ...{ efforts: ['low', 'medium', 'high', 'xhigh', 'max'], context: 1_000_000, maxTokens: 128_000 },
      },
    ]),
  })
  const asked = (await world.ledger()).filter(({ role }) => role === 'llm-gateway')
  expect(asked).toMatchObject([{ door: 'model', outcome: '200', storyId: null }])
})

test('who is no service of this house is told nothing', async () => {
  await using world = await gatewayWorld(() => 'hello')

  expect((await models(world.gateway.url, 'guessed')).status).toBe(401)
})

test('where the API does not answer a sentence says so', async () => {
  await using world = await gatewayWorld(() => 'hello', { upstream: 'http://127.0.0.1:9' })

  expect((await models(world.gateway.url)).body).toEqual({ models: [], problem: 'http://127.0.0.1:9 does not answer.' })
})
