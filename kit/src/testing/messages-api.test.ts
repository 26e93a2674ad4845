/** The scripted server against the real SDK: what a client of the API would notice. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import Anthropic from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type MessagesApi, type MessagesApiOptions, startMessagesApi } from './messages-api.ts'
import {
  brokenTool,
  lastUserText,
  type ScriptedModel,
  text,
  thinking,
  tool,
  toolResults,
  usedTool,
} from './messages-script.ts'

const MODEL = 'claude-opus-5-5'
const READ: Anthropic.Tool = {
  name: 'read',
  input_schema: { type: 'object', properties: { path: { type: 'string' } } },
}

async function serving(model: ScriptedModel, options: Partial<MessagesApiOptions> = {}) {
  const api = await startMessagesApi({ model, ...options })
  onTestFinished(() => api.close())
  return { api, client: clientOf(api) }
}

const clientOf = (api: MessagesApi, apiKey = 'key-1') => new Anthropic({ apiKey, baseURL: api.url, maxRetries: 0 })

const ask = (words: string, more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) => ({
  model: MODEL,
  max_tokens: 1_000,
  messages: [{ role: 'user' as const, content: words }],
  ...more,
})

test('an answer is the same whether it is streamed or not, but for its ids', async () => {
  const { client } = await serving((request) => ({
    content: [text(`You said: ${lastUserText(request)}`), tool('read', { path: 'a.ts' })],
  }))

  const whole = await client.messages.create(ask('hello', { tools: [READ] }))
  const streamed = await client.messages.stream(ask('hello', { tools: [READ] })).finalMessage()

  const plain = (m: Anthropic.Message) => ({
    ...m,
    id: '',
    content: m.content.map((b) => (b.type === 'tool_use' ? { ...b, id: '' } : b)),
  })
  expect(plain(streamed)).toEqual({ ...plain(whole), _request_id: undefined, parsed_output: null })
  expect(whole.content.map((b) => b.type)).toEqual(['text', 'tool_use'])
  expect(whole.stop_reason).toBe('tool_use')
})

test('the events of a stream come in the order of the API', async () => {
  const { client } = await serving(() => ({
    content: [thinking('Hm.'), 'Reading.', tool('read', { path: 'a' })],
    chunk: 99,
  }))
  const asked = ask('go', { tools: [READ], thinking: { type: 'adaptive', display: 'summarized' } })

  const response = await client.messages.create({ ...asked, stream: true }).asResponse()

  const events = (await response.text())
    .split('\n')
    .flatMap((line) => (line.startsWith('data: ') ? [JSON.parse(line.slice(6))] : []))
  expect(events.map((e) => [e.type, e.index, e.delta?.type].filter((x) => x !== undefined).join(' '))).toEqual([
    'message_start',
    'ping',
    'content_block_start 0',
    'content_block_delta 0 thinking_delta',
    'content_block_delta 0 signature_delta',
    'content_block_stop 0',
    'content_block_start 1',
    'content_block_delta 1 text_delta',
    'content_block_stop 1',
    'content_block_start 2',
    'content_block_delta 2 input_json_delta',
    'content_block_delta 2 input_json_delta',
    'content_block_stop 2',
    'message_delta',
    'message_stop',
  ])
  expect(events[0].message.usage).toMatchObject({ output_tokens: 1, cache_read_input_tokens: 0 })
  expect(events.filter((e) => e.delta?.type === 'input_json_delta').map((e) => e.delta.partial_json)).toEqual([
    '',
    '{"path":"a"}',
  ])
})

test('a conversation with tools goes on from what the request holds', async () => {
  const { client } = await serving((request) => {
    if (!usedTool(request, 'read')) return { content: [tool('read', { path: 'a.ts' })] }
    return `It holds ${toolResults(request)[0]?.result}.`
  })
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'What is in a.ts?' }]
  const first = await client.messages.create({ ...ask(''), messages, tools: [READ] })
  const call = first.content.find((b) => b.type === 'tool_use')
  messages.push({ role: 'assistant', content: first.content })
  messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'forty-two' }] })

  const second = await client.messages.create({ ...ask(''), messages, tools: [READ] })

  expect(second.content[0]).toMatchObject({ text: 'It holds forty-two.' })
})

test('thinking is empty unless a summary is asked for, and passes back unchanged', async () => {
  const { client } = await serving(() => ({ content: [thinking('Let me see.'), 'Yes.'] }))

  const hidden = await client.messages.create(ask('?'))
  const shown = await client.messages.create(ask('?', { thinking: { type: 'adaptive', display: 'summarized' } }))
  const back = await client.messages.create(
    ask('', {
      messages: [
        { role: 'user', content: '?' },
        { role: 'assistant', content: shown.content },
        { role: 'user', content: 'Sure?' },
      ],
    }),
  )

  expect(hidden.content[0]).toMatchObject({ type: 'thinking', thinking: '' })
  expect(shown.content[0]).toMatchObject({ type: 'thinking', thinking: 'Let me see.' })
  expect(back.content[1]).toMatchObject({ text: 'Yes.' })
})

test('structured output is parsed, and what is no such output is told', async () => {
  const Answer = z.object({ title: z.string() })
  const { client } = await serving((request) => (lastUserText(request) === 'good' ? '{"title":"Bread"}' : 'no json'))
  const asked = (words: string) => ask(words, { output_config: { format: zodOutputFormat(Answer) } })

  const good = await client.messages.parse({ ...asked('good'), output_config: { format: zodOutputFormat(Answer) } })

  expect(good.parsed_output).toEqual({ title: 'Bread' })
  await expect(client.messages.parse(asked('bad'))).rejects.toThrow(Anthropic.AnthropicError)
})

test.each([
  ['rate_limit_error', 429, Anthropic.RateLimitError],
  ['overloaded_error', 529, Anthropic.InternalServerError],
  ['billing_error', 402, Anthropic.PaymentRequiredError],
  ['permission_error', 403, Anthropic.PermissionDeniedError],
  ['api_error', 500, Anthropic.InternalServerError],
  ['authentication_error', 401, Anthropic.AuthenticationError],
] as const)('a reply of %s comes as %i with its headers', async (error, status, kind) => {
  const { client } = await serving(() => ({ error, message: 'not now', headers: { 'retry-after': '7' } }))

  const failed = await client.messages.create(ask('hello')).catch((e: unknown) => e)

  expect(failed).toBeInstanceOf(kind)
  expect(failed).toMatchObject({ status, type: error, requestID: expect.stringMatching(/^req_01/) })
  expect((failed as InstanceType<typeof Anthropic.APIError>).headers?.get('retry-after')).toBe('7')
})

test('an error inside a stream has no status', async () => {
  const { client } = await serving(() => ({ content: ['half an ans'], streamError: 'overloaded_error' }))

  const failed = await client.messages
    .stream(ask('hello'))
    .finalMessage()
    .catch((e: unknown) => e)

  expect(failed).toMatchObject({ status: undefined, type: 'overloaded_error' })
})

test.each([
  ['a connection that is cut', { cutAfter: 3 }],
  ['an event that is no JSON', { invalid: true }],
])('%s in a stream fails it', async (_, fault) => {
  const { client } = await serving(() => ({ content: ['one two three four five six seven'], ...fault }))

  const stream = client.messages.stream(ask('hello'))

  await expect(stream.finalMessage()).rejects.toThrow(Error)
  expect(stream.currentMessage?.content[0]).toMatchObject({ type: 'text' })
})

test('an answer that is no JSON fails without a stream as well', async () => {
  const { client } = await serving(() => ({ content: ['hello'], invalid: true }))

  await expect(client.messages.create(ask('hello'))).rejects.toThrow(/JSON/)
})

test('a call whose input is cut reaches the client as it is', async () => {
  const { client } = await serving(() => ({ content: [brokenTool('read', '{"path": "a')] }))

  const response = await client.messages.create({ ...ask('go', { tools: [READ] }), stream: true }).asResponse()

  const parts = [...(await response.text()).matchAll(/"partial_json":("(?:[^"\\]|\\.)*")/g)].map((m) =>
    JSON.parse(m[1] ?? '""'),
  )
  expect(parts.join('')).toBe('{"path": "a')
})

test('who stops listening ends a silent stream, and the server knows', async () => {
  const { api, client } = await serving(() => ({ content: ['one two three four five six'], stallAfter: 4 }))
  const stream = client.messages.stream(ask('hello'))
  stream.once('text', () => stream.abort())

  await expect(stream.finalMessage()).rejects.toBeInstanceOf(Anthropic.APIUserAbortError)

  await expect.poll(() => api.requests[0]?.aborted).toBe(true)
})

test('a script hears that who asked has gone before it answered', async () => {
  const heard = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const { client } = await serving(async (_, { signal }) => {
    asked.resolve()
    signal.addEventListener('abort', () => heard.resolve())
    await heard.promise
    return 'too late'
  })
  const leaving = new AbortController()
  const answer = client.messages.create(ask('hello'), { signal: leaving.signal })
  void asked.promise.then(() => leaving.abort())

  await expect(answer).rejects.toBeInstanceOf(Anthropic.APIUserAbortError)

  await heard.promise
})

test('no answer is longer than max_tokens', async () => {
  const { client } = await serving(() => 'word '.repeat(100))

  const { content, stop_reason, usage } = await client.messages.create(ask('hello', { max_tokens: 10 }))

  expect(content[0]).toMatchObject({ text: 'word '.repeat(8) })
  expect(stop_reason).toBe('max_tokens')
  expect(usage.output_tokens).toBe(10)
})

test('either header carries the key, and a key that is not listed is refused', async () => {
  const { api } = await serving(() => 'hello', { keys: ['right'] })
  const post = (headers: Record<string, string>) =>
    fetch(`${api.url}/v1/messages?beta=true`, {
      method: 'POST',
      headers: { 'anthropic-version': '2023-06-01', ...headers },
      body: JSON.stringify(ask('hi')),
    })

  expect((await post({ 'x-api-key': 'right' })).status).toBe(200)
  expect((await post({ authorization: 'Bearer right' })).status).toBe(200)
  expect((await post({ 'x-api-key': 'wrong' })).status).toBe(401)
  expect((await post({})).status).toBe(401)
})

test('every response says that a script answers, errors and lists too', async () => {
  const { api, client } = await serving(() => 'hello', { label: 'demo model', models: ['demo-1'] })

  const paths = ['/', '/v1/models', '/v1/models/demo-1', '/v1/models/other', '/v1/nothing']
  const answers = await Promise.all(paths.map((path) => fetch(api.url + path, { headers: { 'x-api-key': 'k' } })))

  expect(answers.map((a) => a.status)).toEqual([200, 200, 200, 404, 404])
  for (const { headers } of answers) {
    expect(headers.get('x-sluice-scripted')).toBe('demo model')
    expect(headers.get('request-id')).toMatch(/^req_01/)
  }
  expect((await client.models.retrieve('demo-1')).display_name).toBe('demo-1 (demo model)')
  expect((await fetch(api.url, { method: 'HEAD' })).status).toBe(200)
  await expect(client.messages.create(ask('hello'))).rejects.toMatchObject({ status: 404, type: 'not_found_error' })
})

test('tokens are counted as usage adds them up', async () => {
  const { client } = await serving(() => 'hello')
  const asked = {
    model: MODEL,
    system: 'Be brief.',
    tools: [READ],
    messages: [{ role: 'user' as const, content: 'How much?' }],
  }

  const { input_tokens } = await client.messages.countTokens(asked)

  expect((await client.messages.create({ ...asked, max_tokens: 10 })).usage.input_tokens).toBe(input_tokens)
})

test('a thread that is to go on is not found, so that the client sends all', async () => {
  const { client } = await serving(() => 'hello')
  const asked = {
    ...ask('more'),
    thread: { type: 'continue', previous_message_id: 'msg_01' },
    betas: ['message-threads-2026-08-12'],
  }

  const failed = await client.beta.messages.create(asked as never).catch((e: unknown) => e)

  expect(failed).toMatchObject({ status: 404, errorCode: 'thread_not_found' })
})

test('a script that calls what was not offered is told so', async () => {
  const { client } = await serving(() => ({ content: [tool('write', {})] }))

  await expect(client.messages.create(ask('hello'))).rejects.toThrow(/calls write, which the request does not offer/)
})

test('requests are logged without their keys', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'messages-api-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const requestLog = join(folder, 'log.jsonl')
  const { api } = await serving(() => 'hello', { requestLog })

  await clientOf(api, 'sk-secret').messages.create(ask('hello'))

  const [line] = readFileSync(requestLog, 'utf8').trim().split('\n')
  expect(JSON.parse(line ?? '')).toMatchObject({
    status: 200,
    body: { model: MODEL },
    headers: { 'anthropic-version': '2026-10-21' },
  })
  expect(line).not.toContain('sk-secret')
})

test('one connection carries any number of calls, and none leaves anything on it', async () => {
  const { api } = await serving(() => 'yes')
  const warnings: string[] = []
  const warned = ({ name }: Error) => warnings.push(name)
  process.on('warning', warned)
  onTestFinished(() => void process.off('warning', warned))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const call = async () => {
    const sending = request(`${api.url}/v1/messages`, {
      ...{ agent, method: 'POST' },
      headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    }).end(JSON.stringify(ask('hello')))
    const [reply] = (await once(sending, 'response')) as [IncomingMessage]
    await readText(reply)
    return reply.statusCode
  }

  const codes: unknown[] = []
  for (let i = 0; i < 12; i += 1) codes.push(await call())

  expect(codes).toEqual(Array(12).fill(200))
  expect(warnings).toEqual([])
})
