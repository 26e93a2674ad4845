/** What of a request is read from the cache, and that the same journal makes the same request. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type AnyTool, defineTool } from '../agent.ts'
import { agentWorld } from '../testing/agent-world.ts'
import { memoryRun } from '../testing/memory-run.ts'
import { text, thinking, tool, toolResults, usedTool } from '../testing/messages-script.ts'

const look: AnyTool = defineTool({
  name: 'look',
  description: 'Looks.',
  input: z.object({ at: z.int() }),
  readOnly: true,
  run: async ({ at }) => ({ ok: true, content: [{ type: 'text', text: `${at}: ${'seen '.repeat(20)}` }] }),
})
const long = [{ type: 'text' as const, text: 'The story in many words. '.repeat(400) }]
const forty = Array.from({ length: 40 }, (_, at) => tool('look', { at }))

test('a turn with forty calls loses nothing of what was cached before it', async () => {
  await using world = await agentWorld((request) => ({
    content: toolResults(request).length === 0 ? forty : [tool('submit', { verdict: 'good' })],
  }))

  await world.attempt(memoryRun(), { prompt: long, tools: [look] })

  const [first, second] = world.api.requests.map(({ usage }) => usage)
  expect(first?.cache_creation_input_tokens).toBeGreaterThan(1_024)
  expect(second?.cache_read_input_tokens).toBe((first?.cache_creation_input_tokens ?? 0) + (first?.input_tokens ?? 0))
})

test('another replica sends what a killed one sent, byte for byte, whatever it thought and said', async () => {
  await using world = await agentWorld((request) => ({
    content: usedTool(request, 'look')
      ? [tool('submit', { verdict: 'good' })]
      : [thinking('Hm, ünïcödé.'), text('Looking.'), tool('look', { at: 1 }), tool('look', { at: 2 })],
  }))
  const run = memoryRun()
  await world.attempt(run, { prompt: long, tools: [look] })
  const asked = run.log.findLastIndex(({ kind }) => kind === 'usage')

  await world.attempt(memoryRun({ entries: run.log.slice(0, asked), attempt: 2 }), { prompt: long, tools: [look] })

  const bodies = world.api.requests.map(({ body }) => JSON.stringify(body))
  expect(bodies[2]).toBe(bodies[1])
})

test('after a tool that outlasted the cache the tail is kept for an hour', async () => {
  await using world = await agentWorld((request) => ({
    content: toolResults(request).length < 2 ? [tool('look', { at: 1 })] : [tool('submit', { verdict: 'good' })],
  }))
  const run = memoryRun()
  await world.attempt(run, { prompt: long, tools: [look] })
  const slow = run.log.map((entry) => {
    const note = entry.data as { type?: string; state?: string }
    return note.type === 'tool' && note.state === 'ended' ? { ...entry, data: { ...note, ms: 300_000 } } : entry
  })
  const cut = slow.findLastIndex(({ kind }) => kind === 'usage')

  await world.attempt(memoryRun({ entries: slow.slice(0, cut), attempt: 2 }), { prompt: long, tools: [look] })

  const ttls = world.api.requests.map(({ body }) => (body.cache_control as { ttl?: string }).ttl)
  expect(ttls).toEqual([undefined, undefined, undefined, '1h'])
  expect(world.api.requests.at(-1)?.status).toBe(200)
})
