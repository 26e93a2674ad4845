/** A person in the conversation: their words come before the next turn, a pause puts the tools down, an interruption ends what is going on. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type AnyTool, defineTool } from '../agent.ts'
import { agentWorld } from '../testing/agent-world.ts'
import { memoryRun } from '../testing/memory-run.ts'
import { lastUserText, tool, toolResults, usedTool, userText } from '../testing/messages-script.ts'
import type { MessagesRequest } from '../testing/messages-wire.ts'
import { voiceAt } from '../testing/voice.ts'

const submit = tool('submit', { verdict: 'good' })
const done = { ok: true, content: [{ type: 'text' as const, text: 'done' }] }

/** A tool that is at work until it is let go, or told to stop. */
function slow() {
  const begun = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  const calls: string[] = []
  const made: AnyTool = defineTool({
    name: 'pen',
    description: 'Writes a line.',
    input: z.object({ line: z.string() }),
    readOnly: false,
    async run({ line }, { signal }) {
      calls.push(line)
      begun.resolve()
      const stopped = new Promise<never>((_, stop) => signal.addEventListener('abort', () => stop(signal.reason)))
      await Promise.race([end.promise, stopped])
      return done
    },
  })
  return { tool: made, begun: begun.promise, end: end.resolve, calls }
}

const untilTold = (request: MessagesRequest, words: string) => userText(request).includes(words)

test('words are told before the next turn, once, in the order they were said, and the work goes on', async () => {
  const pen = slow()
  await using world = await agentWorld((request) => ({
    content: [usedTool(request, 'pen') ? submit : tool('pen', { line: 'a' })],
  }))
  const run = memoryRun()
  const { hearing, say } = await voiceAt(run)
  const working = world.attempt(run, { tools: [pen.tool] }, { hearing })
  await pen.begun

  await say({ do: 'steer', id: 'words-01', text: 'Use tabs.' })
  await say({ do: 'steer', id: 'words-02', text: 'And short names.' })
  await say({ do: 'steer', id: 'words-01', text: 'Use tabs.' })
  pen.end()
  await working

  const told = lastUserText(world.api.requests.at(-1)?.body as MessagesRequest)
  expect(told.match(/Use tabs|short names/g)).toEqual(['Use tabs', 'short names'])
  expect(told).toContain('<from-the-person at="')
})

test('what was heard and not yet told survives a kill: the next attempt tells it', async () => {
  const pen = slow()
  await using world = await agentWorld((request) => ({
    content: [untilTold(request, 'Use tabs.') ? submit : tool('pen', { line: 'a' })],
  }))
  const first = memoryRun()
  const { hearing, say } = await voiceAt(first)
  const killed = world.attempt(first, { tools: [pen.tool] }, { hearing })
  await pen.begun
  await say({ do: 'steer', id: 'words-01', text: 'Use tabs.' })
  first.loseLease()
  pen.end()
  await killed.catch(() => undefined)

  const second = memoryRun({ entries: first.log, attempt: 2 })
  const { output } = await world.attempt(second, { tools: [slow().tool] }, { hearing: (await voiceAt(second)).hearing })

  expect(output).toEqual({ verdict: 'good' })
})

test('what the request carries is told to who begins, and not told twice to who goes on', async () => {
  await using world = await agentWorld(() => ({ content: [submit] }))
  const carried = [{ id: 'words-01', text: 'Use tabs.', at: '2026-01-01T00:00:00.000Z' }]
  const run = memoryRun()

  await world.attempt(run, {}, { hearing: (await voiceAt(run, carried)).hearing })
  await world.attempt(run, {}, { hearing: (await voiceAt(run, carried)).hearing })

  expect(world.api.requests).toHaveLength(1)
  expect(userText(world.api.requests[0]?.body as MessagesRequest)).toContain('Use tabs.')
  expect(run.log.filter(({ kind }) => kind === 'said')).toHaveLength(1)
})

test('who speaks while the model hands in is heard: what it handed in then is not its last word', async () => {
  const run = memoryRun()
  const { hearing, say } = await voiceAt(run)
  await using world = await agentWorld((request) => ({
    content: [tool('submit', { verdict: untilTold(request, 'Not yet.') ? 'better' : 'good' })],
  }))
  let asked = false
  const check = async () => {
    if (!asked) await say({ do: 'steer', id: 'words-01', text: 'Not yet.' })
    asked = true
    return null
  }

  const { output } = await world.attempt(run, { check }, { hearing })

  expect(output).toEqual({ verdict: 'better' })
})

test('a pause ends the run after the tool at work, and it goes on with the next call', async () => {
  const pen = slow()
  await using world = await agentWorld((request) => ({
    content: usedTool(request, 'pen') ? [submit] : [tool('pen', { line: 'a' }), tool('pen', { line: 'b' })],
  }))
  const run = memoryRun()
  const { hearing, say } = await voiceAt(run)
  const working = world.attempt(run, { tools: [pen.tool] }, { hearing })
  await pen.begun

  await say({ do: 'pause' })
  pen.end()

  await expect(working).rejects.toMatchObject({ name: 'Pause', waiting: { kind: 'person', why: 'paused' } })
  expect(pen.calls).toEqual(['a'])
  const resumed = memoryRun({ earlier: run.log })
  await world.attempt(resumed, { tools: [pen.tool] })
  expect(pen.calls).toEqual(['a', 'b'])
})

test('a stop ends the tool at work, and what it did is not done again', async () => {
  const pen = slow()
  await using world = await agentWorld((request) => ({
    content: [usedTool(request, 'pen') ? submit : tool('pen', { line: 'a' })],
  }))
  const run = memoryRun()
  const { hearing, say } = await voiceAt(run)
  const working = world.attempt(run, { tools: [pen.tool] }, { hearing })
  await pen.begun

  await say({ do: 'pause', now: true, why: 'stopped' })

  await expect(working).rejects.toMatchObject({ waiting: { kind: 'person', why: 'stopped' } })
  await world.attempt(memoryRun({ earlier: run.log }), { tools: [pen.tool] })
  expect(pen.calls).toEqual(['a'])
  expect(toolResults(world.api.requests.at(-1)?.body as MessagesRequest)).toMatchObject([
    { name: 'pen', isError: true, result: expect.stringContaining('The person interrupted this call') },
  ])
})

test('an interruption ends the call at work, runs none of the others, and waits for words', async () => {
  const pen = slow()
  await using world = await agentWorld((request) => ({
    content: usedTool(request, 'pen') ? [submit] : [tool('pen', { line: 'a' }), tool('pen', { line: 'b' })],
  }))
  const run = memoryRun()
  const { hearing, say } = await voiceAt(run)
  const working = world.attempt(run, { tools: [pen.tool] }, { hearing })
  await pen.begun

  await say({ do: 'interrupt' })
  await expect.poll(() => run.log.some(({ data }) => (data as { type?: string }).type === 'interrupted')).toBe(true)
  const asked = world.api.requests.length
  await say({ do: 'steer', id: 'words-01', text: 'Leave the pen alone.' })
  await working

  expect([asked, pen.calls]).toEqual([1, ['a']])
  expect(lastUserText(world.api.requests.at(-1)?.body as MessagesRequest)).toContain('Leave the pen alone.')
})

test('an interruption ends a call of the model, and without a word it is asked again as the same call', async () => {
  const asked = Promise.withResolvers<void>()
  await using world = await agentWorld((_, { signal }) => {
    if (world.api.requests.length > 1) return { content: [submit] }
    asked.resolve()
    return new Promise((_, gone) => signal.addEventListener('abort', () => gone(new Error('gone'))))
  })
  const run = memoryRun()
  const { hearing, say } = await voiceAt(run)
  const working = world.attempt(run, {}, { hearing, wordsMs: 20 })
  await asked.promise

  await say({ do: 'interrupt' })
  await working

  const keys = world.api.requests.map(({ headers }) => headers['idempotency-key'])
  expect(keys).toEqual([keys[0], keys[0]])
})

test('an interruption hangs up on the model first: nothing is asked until the person has spoken', async () => {
  const [asked, closed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const order: string[] = []
  await using world = await agentWorld((_, { signal }) => {
    order.push('asked')
    if (order.length > 1) return { content: [submit] }
    asked.resolve()
    signal.addEventListener('abort', () => {
      order.push('hung up')
      closed.resolve()
    })
    return new Promise((_, gone) => signal.addEventListener('abort', () => gone(new Error('gone'))))
  })
  const run = memoryRun()
  const { hearing, say } = await voiceAt(run)
  const working = world.attempt(run, {}, { hearing })
  await asked.promise

  await say({ do: 'interrupt' })
  await closed.promise
  order.push('words')
  await say({ do: 'steer', id: 'words-01', text: 'Now.' })
  await working

  expect(order).toEqual(['asked', 'hung up', 'words', 'asked'])
})

test('once a person has spoken a turn is another question, under another key', async () => {
  await using world = await agentWorld((request) => ({
    content: [untilTold(request, 'Now.') ? submit : tool('nap', {})],
  }))
  const run = memoryRun()
  const { hearing, say } = await voiceAt(run)
  const nap = defineTool({
    ...{ name: 'nap', description: 'Rests.', input: z.object({}), readOnly: true },
    run: async () => {
      await say({ do: 'steer', id: 'words-01', text: 'Now.' })
      return done
    },
  })

  await world.attempt(run, { tools: [nap] }, { hearing })

  expect(world.api.requests.map(({ headers }) => headers['idempotency-key'])).toEqual([`${run.id}/0`, `${run.id}/1-1`])
})

test('what only a terminal can take is refused in a sentence', async () => {
  const pen = slow()
  await using world = await agentWorld((request) => ({
    content: [usedTool(request, 'pen') ? submit : tool('pen', { line: 'a' })],
  }))
  const run = memoryRun()
  const { hearing, say } = await voiceAt(run)
  const working = world.attempt(run, { tools: [pen.tool] }, { hearing })
  await pen.begun

  await expect(say({ do: 'keys', data: 'x' })).rejects.toThrow('Say it in words.')

  pen.end()
  await working
  await expect(say({ do: 'interrupt' })).rejects.toThrow('No agent is at work in this run at the moment.')
})
