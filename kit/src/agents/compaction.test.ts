/** What survives when a conversation outgrows its model: everything the host must not lose, however often, and through a kill. */
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type AnyTool, defineTool } from '../agent.ts'
import { TerminalError } from '../errors.ts'
import { agentWorld } from '../testing/agent-world.ts'
import { expectPairs } from '../testing/engine-contract.ts'
import { type MemoryRun, memoryRun } from '../testing/memory-run.ts'
import { lastUserText, type ScriptedModel, tool, toolResults, userText } from '../testing/messages-script.ts'
import type { MessagesRequest } from '../testing/messages-wire.ts'
import { askTool } from '../tools/asking.ts'
import { todoTool } from '../tools/todo.ts'

const SUMMARY_ASKED = 'begun anew with what you write now'
const isAsked = (request: MessagesRequest) => lastUserText(request).includes(SUMMARY_ASKED)

/** Long to read, so that a few of them are too much. */
const book: AnyTool = defineTool({
  name: 'book',
  description: 'Shows a page.',
  input: z.object({ page: z.int() }),
  readOnly: true,
  run: async ({ page }) => ({ ok: true, content: [{ type: 'text', text: `page ${page} ${'words '.repeat(700)}` }] }),
})
const pen: AnyTool = defineTool({
  name: 'write',
  description: 'Writes a file.',
  input: z.object({ path: z.string() }),
  readOnly: false,
  hand: true,
  title: ({ path }) => `write ${path}`,
  run: async ({ path }) => ({ ok: true, content: [{ type: 'text', text: `wrote ${path}` }] }),
})
const shell: AnyTool = defineTool({
  name: 'shell',
  description: 'Runs a command.',
  input: z.object({ command: z.string() }),
  readOnly: false,
  hand: true,
  stateful: true,
  title: ({ command }) => command,
  run: async () => ({ ok: false, exitCode: 3, content: [{ type: 'text', text: 'red' }] }),
})

/** The pages read so far: from this conversation, or from the summary of the one before. */
const pagesIn = (request: MessagesRequest): number => {
  const told = Number(/READ-TO (\d+)/.exec(userText(request))?.[1] ?? 0)
  return told + toolResults(request).filter(({ name }) => name === 'book').length
}

/** Asks, plans, changes a file, runs a check, then reads page after page. */
const reader =
  (pages: number): ScriptedModel =>
  (request) => {
    const used = (name: string, words: string) =>
      toolResults(request).some((call) => call.name === name) || userText(request).includes(words)
    if (isAsked(request)) return { content: [`READ-TO ${pagesIn(request)}. The lock is in src/lock.ts.`] }
    if (!used('ask', 'Two pages.')) return { content: [tool('ask', { questions: [{ text: 'How long?' }] })] }
    if (!used('todo', '<your-list>'))
      return { content: [tool('todo', { items: [{ text: 'mend finding F1', state: 'open' }] })] }
    if (!used('write', 'write src/a.ts')) return { content: [tool('write', { path: 'src/a.ts' })] }
    if (!used('shell', 'npm test: exit code 3')) return { content: [tool('shell', { command: 'npm test' })] }
    const page = pagesIn(request)
    return { content: [page < pages ? tool('book', { page: page + 1 }) : tool('submit', { verdict: 'good' })] }
  }

const task = (run: MemoryRun) => ({
  prompt: [
    {
      type: 'text' as const,
      text: '<criteria>\nC1 Drafts are kept.\n</criteria>\n<finding id="F1">\nIt leaks.\n</finding>',
    },
  ],
  tools: [book, pen, shell, todoTool(run), askTool([{ id: 'Q1', text: 'How long?', answer: 'Two pages.' }])],
  limits: { compactAtTokens: 4_000 },
})

const compactions = (run: MemoryRun) =>
  run.log.filter(({ kind, data }) => kind === 'prompt' && (data as { compaction?: string }).compaction === 'done')

const KEPT = [
  'C1 Drafts are kept.',
  '<finding id="F1">\nIt leaks.',
  'Two pages.',
  'Not in the header, please.',
  '[open] mend finding F1',
  'write src/a.ts',
  'npm test: exit code 3',
  'The lock is in src/lock.ts.',
]

/** A person speaks before the first turn: the place where steering comes in. */
const steered = async (run: MemoryRun) => {
  await run.append('prompt', {
    conversation: 0,
    content: [{ type: 'text', text: 'Not in the header, please.' }],
    said: ['w1'],
  })
}

test('five times in a row, task, findings, answers, words of the person, list, files and last checks stand word for word', async () => {
  await using world = await agentWorld(reader(32))
  const run = memoryRun()
  const first = await world
    .attempt(run, { ...task(run), limits: { maxTurns: 1, compactAtTokens: 4_000 } })
    .catch((e: unknown) => e)
  expect(String(first)).toContain('in 1 turns')
  await steered(run)
  const again = memoryRun({ entries: run.log, attempt: 2 })

  const { output } = await world.attempt(again, task(again))

  expect(output).toEqual({ verdict: 'good' })
  expect(compactions(again).length).toBeGreaterThanOrEqual(5)
  const begun = world.api.requests
    .map(({ body }) => body)
    .filter((body) => body.messages.length === 1)
    .slice(1)
  expect(begun.length).toBeGreaterThanOrEqual(5)
  for (const body of begun) for (const words of KEPT) expect(userText(body)).toContain(words)
  expect(world.api.requests.every(({ status }) => status === 200)).toBe(true)
  expectPairs(again.log)
})

test('what was compacted stays in the journal, and people are told', async () => {
  await using world = await agentWorld(reader(8))
  const run = memoryRun()

  await world.attempt(run, task(run))

  expect(JSON.stringify(run.log)).toContain('page 1 words')
  expect(
    run.log.some(({ data }) =>
      /begun anew with a summary, at [\d,]+ tokens/.test((data as { text?: string }).text ?? ''),
    ),
  ).toBe(true)
})

test('killed at any entry around it, the next attempt ends alike, and no call has the key of another', async () => {
  await using world = await agentWorld(reader(8))
  const whole = memoryRun()
  await world.attempt(whole, task(whole))
  const asked = whole.log.findIndex(({ data }) => (data as { compaction?: string }).compaction === 'asked')

  for (let cut = asked - 1; cut < asked + 8; cut++) {
    const before = world.api.requests.length
    const run = memoryRun({ entries: whole.log.slice(0, cut), attempt: 2 })
    const { output } = await world.attempt(run, task(run))

    expect(output, `cut at ${cut}`).toEqual({ verdict: 'good' })
    const keys = world.api.requests.slice(before).map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys).size, `cut at ${cut}`).toBe(keys.length)
  }
})

test('a reply that ran into the end of the window is left behind, with what was said last in place of a summary', async () => {
  await using world = await agentWorld((request) => {
    if (userText(request).includes('<your-summary>')) return { content: [tool('submit', { verdict: 'good' })] }
    if (toolResults(request).length === 0) return { content: ['The lock is here.', tool('book', { page: 1 })] }
    return { content: ['and so', tool('book', { page: 2 })], stop: 'model_context_window_exceeded' }
  })
  const run = memoryRun()

  const { output } = await world.attempt(run, { tools: [book] })

  expect(output).toEqual({ verdict: 'good' })
  expect(userText(world.api.requests.at(-1)?.body as MessagesRequest)).toContain('The lock is here.')
  expectPairs(run.log)
})

test('one turn that reads more than there is room for is begun anew, and a wrong request is still refused', async () => {
  await using world = await agentWorld((request) => {
    if (userText(request).includes('<your-summary>')) return { content: [tool('submit', { verdict: 'good' })] }
    if (toolResults(request).length === 0) return { content: [tool('book', { page: 1 })] }
    return { error: 'invalid_request_error', message: 'prompt is too long: 250000 tokens > 200000 maximum' }
  })

  const prompt = [{ type: 'text' as const, text: 'words '.repeat(1_000) }]
  const long = await world.attempt(memoryRun(), { prompt, tools: [book], limits: { compactAtTokens: 2_500 } })
  const wrong = world.attempt(memoryRun(), { tools: [book] })

  expect(long.output).toEqual({ verdict: 'good' })
  await expect(wrong).rejects.toThrow('prompt is too long')
})

test('a task that is long by itself is not begun anew at every turn', async () => {
  const page: AnyTool = { ...book, run: async () => ({ ok: true, content: [{ type: 'text', text: 'short' }] }) }
  await using world = await agentWorld((request) => ({
    content: [toolResults(request).length < 5 ? tool('book', { page: 1 }) : tool('submit', { verdict: 'good' })],
  }))
  const run = memoryRun()
  const prompt = [{ type: 'text' as const, text: 'words '.repeat(2_000) }]

  await world.attempt(run, { prompt, tools: [page], limits: { compactAtTokens: 2_000 } })

  expect(compactions(run)).toEqual([])
})

test('a task that is longer than the model can read ends at once, and is not begun anew for ever', async () => {
  await using world = await agentWorld(() => ({ content: ['half'], stop: 'model_context_window_exceeded' }))

  const attempt = world.attempt()

  await expect(attempt).rejects.toThrow(TerminalError)
  await expect(attempt).rejects.toThrow('longer than what the model can read')
  expect(world.api.requests).toHaveLength(1)
})
