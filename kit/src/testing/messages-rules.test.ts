/** Each rule of the API with a request that keeps it, and one that breaks it and nothing else. */
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MessagesApi, startMessagesApi } from './messages-api.ts'
import { pngOf } from './messages-image.ts'
import { signatureOf } from './messages-wire.ts'

const MODEL = 'claude-opus-5-5'
const OLD = 'claude-sonnet-4-5'
const png = (width: number, height: number): string => pngOf(width, height).toString('base64')
const PIXEL = png(1, 1)

let api: MessagesApi
let client: Anthropic
beforeAll(async () => {
  api = await startMessagesApi({ model: () => 'fine', models: [MODEL, OLD] })
  client = new Anthropic({ apiKey: 'k', baseURL: api.url, maxRetries: 0 })
})
afterAll(() => api.close())

const user = (...content: unknown[]) => ({ role: 'user', content })
const assistant = (...content: unknown[]) => ({ role: 'assistant', content })
const words = (text = 'hi', more: object = {}) => ({ type: 'text', text, ...more })
const call = (id = 'toolu_1', name = 'read') => ({ type: 'tool_use', id, name, input: {} })
const result = (id = 'toolu_1', content: unknown = 'ok') => ({ type: 'tool_result', tool_use_id: id, content })
const picture = (data = PIXEL, media_type = 'image/png') => ({
  type: 'image',
  source: { type: 'base64', media_type, data },
})
const offered = (name = 'read', more: object = {}) => ({ name, input_schema: { type: 'object' }, ...more })
const mark = (ttl?: string) => ({ cache_control: { type: 'ephemeral', ...(ttl && { ttl }) } })
const thought = (thinking: string, model = MODEL) => ({
  type: 'thinking',
  thinking,
  signature: signatureOf('Hm.', model),
})

const request = (more: object) => ({ model: MODEL, max_tokens: 100, messages: [user(words())], ...more })
const says = (...messages: unknown[]) => request({ messages })
const format = (schema: object) => ({ output_config: { format: { type: 'json_schema', schema } } })

const send = (body: object, headers: Record<string, string> = {}) =>
  client.post('/v1/messages', { body, headers: headers as never }).then(
    () => 'accepted',
    (error: unknown) => (error instanceof Anthropic.BadRequestError ? (error.apiMessage ?? '') : String(error)),
  )

describe('is refused:', () => {
  test.each<[string, object, RegExp]>([
    ['no model', { max_tokens: 1, messages: [user(words())] }, /^model: Field required/],
    ['no max_tokens', { model: MODEL, messages: [user(words())] }, /^max_tokens: Field required/],
    ['a fraction of a token', request({ max_tokens: 1.5 }), /^max_tokens: /],
    ['no messages', says(), /^messages: at least one message is required/],
    ['a field the API does not know', request({ temprature: 1 }), /^temprature: Extra inputs are not permitted/],
    ['an unknown role', says({ role: 'tool', content: 'x' }), /^messages\.0\.role: /],
    ['an unknown kind of block', says(user({ type: 'video' })), /^messages\.0\.content\.0\.?.*Input tag 'video'/],
    [
      'a field a block does not have',
      says(user(words('hi', { colour: 'red' }))),
      /^messages\.0\.content\.0\.colour: Extra inputs/,
    ],
    ['temperature', request({ temperature: 0 }), /^temperature: Extra inputs/],
    ['top_p', request({ top_p: 0.9 }), /^top_p: Extra inputs/],
    ['top_k', request({ top_k: 5 }), /^top_k: Extra inputs/],
    ['an assistant who begins', says(assistant(words()), user(words())), /first message must use the "user" role/],
    [
      'an empty message',
      says(user(words()), assistant(), user(words())),
      /^messages\.1: all messages must have non-empty content/,
    ],
    ['an empty text', says(user(words(''))), /text content blocks must be non-empty/],
    ['a text of spaces', says(user(words(' \n'))), /must contain non-whitespace text/],
    [
      'a picture of the assistant',
      says(user(words()), assistant(picture()), user(words())),
      /`image` blocks are not allowed in `assistant`/,
    ],
    ['a call by the user', says(user(call())), /`tool_use` blocks are not allowed in `user`/],
    ['thinking of the user', says(user(thought('Hm.'))), /`thinking` blocks are not allowed in `user`/],
    [
      'a document of the assistant',
      says(user(words()), assistant({ type: 'document', source: { type: 'text' } }), user(words())),
      /`document` blocks are not allowed/,
    ],
    ['citations on text of the user', says(user(words('hi', { citations: [{}] }))), /citations: Extra inputs/],
    ['a prefilled answer', says(user(words()), assistant(words('The'))), /does not support assistant message prefill/],
    ['two tools of one name', request({ tools: [offered(), offered()] }), /Tool names must be unique/],
    ['a tool name with a space', request({ tools: [offered('read it')] }), /^tools\.0\.name: /],
    [
      'a tool without an object',
      request({ tools: [offered('read', { input_schema: { type: 'string' } })] }),
      /^tools\.0\.input_schema\.type: /,
    ],
    ['a choice of no tools', request({ tool_choice: { type: 'auto' } }), /only be specified while providing tools/],
    [
      'a choice of a tool that is not there',
      request({ model: OLD, tools: [offered()], tool_choice: { type: 'tool', name: 'write' } }),
      /'write' not found/,
    ],
    [
      'a forced choice',
      request({ tools: [offered()], tool_choice: { type: 'any' } }),
      /forced tool use is not supported/,
    ],
    [
      'a forced tool',
      request({ tools: [offered()], tool_choice: { type: 'tool', name: 'read' } }),
      /forced tool use is not supported/,
    ],
    ['thinking switched off', request({ thinking: { type: 'disabled' } }), /"disabled" is not supported/],
    [
      'thinking by budget',
      request({ thinking: { type: 'enabled', budget_tokens: 1_024 } }),
      /"enabled" is not supported/,
    ],
    [
      'a budget beyond max_tokens',
      request({ model: OLD, thinking: { type: 'enabled', budget_tokens: 1_024 } }),
      /must be greater than `thinking.budget_tokens`/,
    ],
    [
      'too small a budget',
      request({ model: OLD, max_tokens: 2_000, thinking: { type: 'enabled', budget_tokens: 10 } }),
      /^thinking\.budget_tokens: /,
    ],
    [
      'a forced tool while thinking',
      request({
        model: OLD,
        max_tokens: 2_000,
        thinking: { type: 'enabled', budget_tokens: 1_024 },
        tools: [offered()],
        tool_choice: { type: 'any' },
      }),
      /may not be enabled when tool_choice forces/,
    ],
    [
      'thinking that was changed',
      says(user(words()), assistant(thought('Ha!'), words()), user(words())),
      /^messages\.1\.content\.0: Invalid `signature`/,
    ],
    [
      'thinking of another model',
      says(user(words()), assistant(thought('Hm.', OLD), words()), user(words())),
      /Invalid `signature`/,
    ],
    [
      'an open schema for output',
      request(format({ type: 'object', properties: {} })),
      /'additionalProperties' must be explicitly set to false/,
    ],
    [
      'an open schema inside',
      request(format({ type: 'object', additionalProperties: false, properties: { a: { type: 'object' } } })),
      /schema\.properties\.a: /,
    ],
    ['an unknown effort', request({ output_config: { effort: 'huge' } }), /^output_config\.effort: /],
    [
      'five breakpoints',
      request({ system: [1, 2, 3, 4, 5].map((n) => words(`${n}`, mark())) }),
      /maximum of 4 blocks with cache_control.*Found 5/,
    ],
    [
      'four breakpoints and the automatic one',
      request({ ...mark(), system: [1, 2, 3, 4].map((n) => words(`${n}`, mark())) }),
      /Found 5/,
    ],
    [
      'an hour after five minutes',
      request({ system: [words('a', mark()), words('b', mark('1h'))] }),
      /ttl='1h' .* must not come after a ttl='5m'/,
    ],
    [
      'a breakpoint on thinking',
      says(user(words()), assistant({ ...thought('Hm.'), ...mark() }), user(words())),
      /cache_control: Extra inputs/,
    ],
    ['a time that does not exist', request({ system: [words('a', mark('2h'))] }), /^system\.0\.cache_control\.ttl: /],
    [
      'a call without its result',
      says(user(words()), assistant(call()), user(words())),
      /^messages\.1: `tool_use` ids were found without `tool_result`.*toolu_1/,
    ],
    [
      'a call at the end',
      { ...says(user(words()), assistant(call())), model: OLD },
      /`tool_use` ids were found without/,
    ],
    [
      'one result of two',
      says(user(words()), assistant(call(), call('toolu_2')), user(result())),
      /without `tool_result` blocks immediately after: toolu_2\./,
    ],
    [
      'a result of no call',
      says(user(words()), assistant(words()), user(result())),
      /unexpected `tool_use_id`.*toolu_1/,
    ],
    [
      'a result of an older call',
      says(user(words()), assistant(call()), user(result()), assistant(words()), user(result())),
      /^messages\.4\.content: unexpected/,
    ],
    [
      'two results of one call',
      says(user(words()), assistant(call()), user(result(), result())),
      /must have a single result/,
    ],
    [
      'two calls of one id',
      says(user(words()), assistant(call()), user(result()), assistant(call()), user(result())),
      /ids must be unique/,
    ],
    ['a result after words', says(user(words()), assistant(call()), user(words(), result())), /must come first/],
    ['a picture that is no base64', says(user(picture('%%%'))), /invalid base64 data/],
    [
      'a picture that is none',
      says(user(picture(Buffer.from('hello, world').toString('base64')))),
      /Could not process image/,
    ],
    [
      'a picture of another kind',
      says(user(picture(PIXEL, 'image/jpeg'))),
      /specified using the image\/jpeg media type, but appears to be image\/png/,
    ],
    ['a kind of picture it cannot read', says(user(picture(PIXEL, 'image/bmp'))), /media_type: /],
    [
      'a picture of more than 5 MB',
      says(
        user(
          picture(Buffer.concat([Buffer.from(PIXEL, 'base64'), Buffer.alloc(5 * 1024 * 1024 + 2)]).toString('base64')),
        ),
      ),
      /exceeds 5 MB maximum/,
    ],
    [
      'a picture that is too wide',
      says(user(picture(png(8_001, 1)))),
      /^messages\.0\.content\.0: image dimensions exceed max allowed size of 8000/,
    ],
    [
      'a wide picture among many',
      says(user(...Array.from({ length: 21 }, () => picture(png(2_001, 1))))),
      /max allowed size of 2000/,
    ],
    [
      'a wide picture in a result',
      says(user(words()), assistant(call()), user(result('toolu_1', [picture(png(1, 9_000))]))),
      /^messages\.2\.content\.0\.content\.0: image dimensions/,
    ],
    [
      'more than a hundred pictures',
      says(user(...Array.from({ length: 101 }, () => picture()))),
      /too many images: 101/,
    ],
    ['a stop sequence of spaces', request({ stop_sequences: [' '] }), /stop sequence must contain non-whitespace/],
  ])('%s', async (_, body, message) => {
    expect(await send(body)).toMatch(message)
  })

  test('no version', async () => {
    const body = JSON.stringify(request({}))
    const answer = await fetch(`${api.url}/v1/messages`, { method: 'POST', headers: { 'x-api-key': 'k' }, body })

    expect(answer.status).toBe(400)
    expect(await answer.text()).toContain('anthropic-version: header is required')
  })

  test('a body that is no JSON', async () => {
    const headers = { 'x-api-key': 'k', 'anthropic-version': '2026-10-21' }
    const answer = await fetch(`${api.url}/v1/messages`, { method: 'POST', headers, body: '{"model":' })

    expect(await answer.text()).toContain('not valid JSON')
  })

  test('a body of more than 32 MB', async () => {
    const failed = await client
      .post('/v1/messages', { body: says(user(words('x'.repeat(33 * 1024 * 1024)))) })
      .catch((e: unknown) => e)

    expect(failed).toMatchObject({ status: 413, type: 'request_too_large' })
  })

  test('a picture that is too large, with the limit and where it is', async () => {
    const failed = await client
      .post('/v1/messages', { body: says(user(words(), picture(png(1, 8_001)))) })
      .catch((e: unknown) => e)

    expect(failed).toMatchObject({
      errorCode: 'image_dimensions_too_large',
      details: { max_side_length_pixels: 8_000, paths: ['messages.0.content.1'] },
    })
  })
})

describe('is accepted:', () => {
  test.each<[string, object]>([
    ['words', request({ messages: [{ role: 'user', content: 'hi' }] })],
    [
      'a system message in the middle',
      says(user(words()), { role: 'system', content: 'Be brief.' }, assistant(words()), user(words())),
    ],
    ['two turns of the user in a row', says(user(words()), user(words()))],
    [
      'a call and its result, over two messages of the user',
      says(user(words()), assistant(words(), call()), user(result()), user(words('and?'))),
    ],
    ['two calls at once', says(user(words()), assistant(call(), call('toolu_2')), user(result('toolu_2'), result()))],
    ['a picture as a result', says(user(words()), assistant(call()), user(result('toolu_1', [words(), picture()])))],
    [
      'a failed result without words',
      says(user(words()), assistant(call()), user({ type: 'tool_result', tool_use_id: 'toolu_1', is_error: true })),
    ],
    ['thinking as it came', says(user(words()), assistant(thought('Hm.'), words()), user(words()))],
    ['adaptive thinking with a summary', request({ thinking: { type: 'adaptive', display: 'summarized' } })],
    [
      'three breakpoints and the automatic one',
      request({ ...mark(), system: [1, 2, 3].map((n) => words(`${n}`, mark('1h'))) }),
    ],
    [
      'a forced tool on an older model',
      request({ model: OLD, tools: [offered()], tool_choice: { type: 'tool', name: 'read' } }),
    ],
    ['a prefilled answer on an older model', { ...says(user(words()), assistant(words('The'))), model: OLD }],
    ['a closed schema', request(format({ type: 'object', additionalProperties: false, properties: {} }))],
    [
      "the API's own tools",
      request({
        tools: [
          { type: 'bash_20250124', name: 'bash' },
          { type: 'web_search_20260318', name: 'web_search' },
        ],
      }),
    ],
    ['a large max_tokens', request({ max_tokens: 128_000, metadata: { user_id: 'u' } })],
  ])('%s', async (_, body) => {
    expect(await send(body)).toBe('accepted')
  })

  test('sampling under an older version', async () => {
    expect(await send(request({ temperature: 0 }), { 'anthropic-version': '2023-06-01' })).toBe('accepted')
  })

  test('a field that a beta brought', async () => {
    expect(
      await send(request({ context_management: { edits: [] } }), { 'anthropic-beta': 'context-management-2025-06-27' }),
    ).toBe('accepted')
    expect(await send(request({ context_management: { edits: [] } }))).toMatch(/context_management: Extra inputs/)
  })
})
