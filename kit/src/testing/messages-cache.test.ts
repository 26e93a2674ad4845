/** Prompt caching as a bill would show it. */
import { expect, test } from 'vitest'
import { createPromptCache } from './messages-cache.ts'
import type { MessagesRequest } from './messages-wire.ts'

const MODEL = 'claude-opus-5-5'
const MINUTE = 60_000
const auto = { cache_control: { type: 'ephemeral' } } as const
const long = (letter: string) => letter.repeat(6_000)
const marked = (text: string, ttl: '5m' | '1h' = '5m') => ({
  type: 'text' as const,
  text,
  cache_control: { type: 'ephemeral' as const, ttl },
})
const user = (content: string) => ({ role: 'user' as const, content })
const assistant = (content: string) => ({ role: 'assistant' as const, content })
const request = (more: Partial<MessagesRequest>): MessagesRequest =>
  ({ model: MODEL, max_tokens: 100, messages: [user('hi')], ...more }) as MessagesRequest

/** A cache with a clock that only the test moves; `ask` is one request with its answer. */
function world() {
  let now = 0
  const cache = createPromptCache(() => now)
  const ask = (more: Partial<MessagesRequest>) => {
    const { usage, commit } = cache.account(request(more))
    commit()
    return {
      in: usage.input_tokens,
      read: usage.cache_read_input_tokens ?? 0,
      wrote: usage.cache_creation_input_tokens ?? 0,
      ...usage.cache_creation,
    }
  }
  return { cache, ask, wait: (ms: number) => (now += ms) }
}

test('without a breakpoint nothing is cached', () => {
  const { ask } = world()

  ask({ system: long('a') })

  expect(ask({ system: long('a') })).toMatchObject({ read: 0, wrote: 0 })
})

test('a conversation that only grows reads all it sent before and writes what is new', () => {
  const { ask } = world()
  const messages: MessagesRequest['messages'] = [user(long('a'))]
  const first = ask({ ...auto, messages })

  const second = ask({ ...auto, messages: [...messages, assistant('yes'), user('and then?')] })

  expect(first).toMatchObject({ in: 0, read: 0, ephemeral_1h_input_tokens: 0 })
  expect(second).toMatchObject({ in: 0, read: first.wrote })
  expect(second.wrote).toBeGreaterThan(0)
  expect(second.wrote).toBeLessThan(30)
})

test('thirty turns without a miss', () => {
  const { ask } = world()
  const messages: MessagesRequest['messages'] = [user(long('a'))]
  let sent = 0
  for (let turn = 0; turn < 30; turn++) {
    const usage = ask({ ...auto, messages })
    expect(usage.read).toBe(sent)
    sent += usage.wrote
    messages.push(assistant(`answer ${turn}`), user(`question ${turn}`))
  }
})

test('a changed word makes all after it new', () => {
  const { ask } = world()
  const system = [marked(long('a')), marked(long('b'))]
  const first = ask({ system })

  const changed = ask({ system: [marked(long('a')), marked(long('c'))] })

  expect(changed.read).toBe(Math.round(first.wrote / 2))
  expect(changed.wrote).toBe(first.wrote - changed.read)
})

test('tools come before the system prompt, and that before messages', () => {
  const { ask } = world()
  const tools = [{ name: 'read', description: long('t'), input_schema: { type: 'object' as const }, ...auto }]
  const first = ask({ tools, system: 'one' })

  expect(ask({ tools, system: 'two' }).read).toBe(first.wrote)
  expect(ask({ tools: [{ ...tools[0], description: long('u') } as never], system: [marked(long('s'))] }).read).toBe(0)
})

test('a prefix under the least length is not cached, and no error', () => {
  const { ask } = world()
  ask({ system: [marked('short')] })

  expect(ask({ system: [marked('short')] })).toMatchObject({ read: 0, wrote: 0 })
})

test('the least length depends on the model', () => {
  const { ask } = world()

  expect(ask({ model: 'claude-haiku-4-5', system: [marked(long('a'))] }).wrote).toBe(0)
  expect(ask({ model: 'claude-haiku-4-5', system: [marked(long('a').repeat(3))] }).wrote).toBeGreaterThan(4_096)
})

test('an entry lives five minutes from its last use, or an hour', () => {
  const { ask, wait } = world()
  const short = { system: [marked(long('a'))] }
  const hour = { system: [marked(long('b'), '1h')] }
  ask(short)
  ask(hour)

  wait(4 * MINUTE)
  expect(ask(short).read).toBeGreaterThan(0)
  wait(4 * MINUTE)
  expect(ask(short).read).toBeGreaterThan(0)
  wait(5 * MINUTE)
  expect(ask(short).read).toBe(0)
  expect(ask(hour).read).toBeGreaterThan(0)
  wait(60 * MINUTE)
  expect(ask(hour).read).toBe(0)
})

test('what is written for an hour is counted apart from five minutes', () => {
  const { ask } = world()

  const { wrote, ephemeral_1h_input_tokens, ephemeral_5m_input_tokens } = ask({
    ...auto,
    system: [marked(long('a'), '1h')],
    messages: [user(long('b'))],
  })

  expect(ephemeral_1h_input_tokens).toBeGreaterThan(1_400)
  expect(ephemeral_5m_input_tokens).toBeGreaterThan(1_400)
  expect((ephemeral_1h_input_tokens ?? 0) + (ephemeral_5m_input_tokens ?? 0)).toBe(wrote)
})

test('an earlier write is found twenty blocks back, and not further', () => {
  const { ask } = world()
  const blocks = (count: number) => [
    user(long('a')),
    ...Array.from({ length: count }, (_, i) => (i % 2 ? user(`q${i}`) : assistant(`a${i}`))),
  ]
  ask({ ...auto, messages: blocks(0) })

  expect(ask({ ...auto, messages: blocks(20) }).read).toBe(0)

  const other = world()
  other.ask({ ...auto, messages: blocks(0) })
  expect(other.ask({ ...auto, messages: blocks(19) }).read).toBeGreaterThan(0)
})

test('each model has a cache of its own', () => {
  const { ask } = world()
  ask({ system: [marked(long('a'))] })

  expect(ask({ model: 'claude-sonnet-5-5', system: [marked(long('a'))] }).read).toBe(0)
})

test('another tool choice keeps the system prompt and loses the messages', () => {
  const { ask } = world()
  const tools = [{ name: 'read', input_schema: { type: 'object' as const } }]
  const asked = { ...auto, tools, system: [marked(long('a'))], messages: [user(long('b'))] }
  const first = ask(asked)

  const other = ask({ ...asked, tool_choice: { type: 'none' } })

  expect(other.read).toBeGreaterThan(1_400)
  expect(other.read).toBeLessThan(first.wrote)
})

test('two at the same time both write: nothing is read before an answer began', () => {
  const { cache } = world()
  const asked = request({ system: [marked(long('a'))] })

  const one = cache.account(asked)
  const two = cache.account(asked)
  one.commit()
  two.commit()

  expect([one, two].map(({ usage }) => usage.cache_read_input_tokens)).toEqual([0, 0])
  expect(cache.account(asked).usage.cache_read_input_tokens).toBeGreaterThan(0)
})
