/** Calls of somebody else's agent on their way to the gateway: as they are, as this run, and read. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'
import { startMessagesApi } from '../testing/messages-api.ts'
import type { ScriptedModel } from '../testing/messages-script.ts'
import type { Trouble } from './trouble.ts'
import { type WatchedCall, type Watching, watchedCalls } from './watched-calls.ts'

const MODEL = 'claude-opus-5-5'
const asked = { model: MODEL, max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] }
const withTools = { ...asked, tools: [{ name: 'pen', input_schema: { type: 'object' as const } }] }

async function watched(model: ScriptedModel, more: Partial<Watching> = {}) {
  await using stack = new AsyncDisposableStack()
  const api = stack.use(await startMessagesApi({ model }))
  const seen: WatchedCall[] = []
  const troubles: Trouble[] = []
  const access = { url: api.url, egressUrl: '', token: 'token-of-the-run', reopen: async () => undefined }
  const handler = watchedCalls({
    access: { ...access, [Symbol.asyncDispose]: async () => undefined },
    idleMs: 60_000,
    before: async () => undefined,
    after: async (call) => void seen.push(call),
    trouble: (trouble) => void troubles.push(trouble),
    signal: new AbortController().signal,
    ...more,
  })
  const server = createServer((request, response) => {
    Promise.resolve(handler(request, response)).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stack.defer(() => void server.close())
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new Anthropic({ baseURL, apiKey: 'placeholder', maxRetries: 0 })
  const things = stack.move()
  return { api, client, seen, troubles, [Symbol.asyncDispose]: () => things.disposeAsync() }
}

test.each([true, false])('a call passes as this run and nobody else, and is read (in a stream: %s)', async (stream) => {
  await using at = await watched(() => ({ content: ['Hello to you.'] }))

  const answer = stream
    ? await at.client.messages.stream(withTools).finalMessage()
    : await at.client.messages.create({ ...withTools, stream: false })

  expect(answer.content).toMatchObject([{ type: 'text', text: 'Hello to you.' }])
  expect(at.api.requests[0]?.headers).toMatchObject({ authorization: 'Bearer token-of-the-run' })
  expect(at.api.requests[0]?.headers['x-api-key']).toBeUndefined()
  expect(at.seen).toMatchObject([
    { whole: true, isTurn: true, scripted: 'scripted model', reply: { model: MODEL, stopReason: 'end_turn' } },
  ])
  expect(at.seen[0]?.reply.usage).toMatchObject({ output_tokens: answer.usage.output_tokens })
})

test('a call without tools is no turn', async () => {
  await using at = await watched(() => ({ content: ['A title'] }))

  await at.client.messages.stream(asked).finalMessage()

  expect(at.seen).toMatchObject([{ isTurn: false }])
})

test('what a call cost is written down before its end is passed on', async () => {
  const order: string[] = []
  const after = async () => void order.push('written')
  await using at = await watched(() => ({ content: ['Hello.'] }), { after })

  await at.client.messages.stream(withTools).finalMessage()
  order.push('answered')

  expect(order).toEqual(['written', 'answered'])
})

test('a call that was cut off was paid for as far as it came', async () => {
  await using at = await watched(() => ({ content: ['Hello.'], cutAfter: 3 }))

  await expect(at.client.messages.stream(withTools).finalMessage()).rejects.toThrow()

  await expect.poll(() => at.seen).toMatchObject([{ whole: false }])
})

test('a refusal goes on as it is, and is told as what is to be done about it', async () => {
  const details = { error_code: 'story_budget', spentUsd: 4, neededUsd: 1, budgetUsd: 5 }
  await using at = await watched(() => ({ error: 'billing_error', details }))

  await expect(at.client.messages.stream(withTools).finalMessage()).rejects.toMatchObject({ status: 402 })

  expect(at.troubles).toMatchObject([{ kind: 'wait', waiting: { kind: 'budget', budgetUsd: 5 } }])
})

test('a call that may not be made is not', async () => {
  const before = () => Promise.reject(new Error('The work is over.'))
  await using at = await watched(() => ({ content: ['Hello.'] }), { before })

  await expect(at.client.messages.stream(withTools).finalMessage()).rejects.toThrow()

  expect(at.api.requests).toEqual([])
})
