/** What a role notices of the engine: results, resumption, corrections, what stops it. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type AnyTool, defineTool } from '../agent.ts'
import { Pause, TerminalError } from '../errors.ts'
import { agentWorld } from '../testing/agent-world.ts'
import { memoryRun } from '../testing/memory-run.ts'
import {
  brokenTool,
  images,
  lastUserText,
  type ScriptedModel,
  text,
  thinking,
  tool,
  toolResults,
  usedTool,
} from '../testing/messages-script.ts'
import { askTool } from '../tools/asking.ts'

const submit = tool('submit', { verdict: 'good' })
const said = (text: string) => ({ ok: true, content: [{ type: 'text' as const, text }] })

/** A tool that changes something, and what it was called with. */
function pen(): { tool: AnyTool; lines: string[] } {
  const lines: string[] = []
  const input = z.object({ line: z.string() })
  const run = async ({ line }: z.infer<typeof input>) => said(`wrote ${lines.push(line)}`)
  return { lines, tool: defineTool({ name: 'pen', description: 'Writes a line.', input, readOnly: false, run }) }
}

const glass = (run: AnyTool['run'] = async () => said('I see.')): AnyTool =>
  defineTool({ name: 'glass', description: 'Looks.', input: z.object({ at: z.string() }), readOnly: true, run })

const kinds = (run: ReturnType<typeof memoryRun>, kind: string) => run.log.filter((e) => e.kind === kind)
const notes = (run: ReturnType<typeof memoryRun>, type: string) =>
  kinds(run, 'note').flatMap(({ data }) =>
    (data as { type: string }).type === type ? [data as Record<string, unknown>] : [],
  )

test('hands back what the model submits, and says who worked and what it cost', async () => {
  await using world = await agentWorld(() => ({ content: [thinking('Easy.'), submit] }))
  const run = memoryRun()

  const result = await world.attempt(run, {}, { effort: 'low' })

  expect(result).toMatchObject({ output: { verdict: 'good' }, turns: 1 })
  expect(result.usage.outputTokens).toBeGreaterThan(0)
  expect(result.usage.costUsd).toBeGreaterThan(0)
  expect(kinds(run, 'session')[0]?.data).toMatchObject({
    occupant: { program: 'sluice', engine: 'anthropic', model: 'claude-opus-5-5', scripted: 'scripted model' },
  })
})

test('asks as the newest models want to be asked, with cache marks and a key for each turn', async () => {
  const pencil = pen()
  await using world = await agentWorld((request) => ({
    content: [usedTool(request, 'pen') ? submit : tool('pen', { line: 'a' })],
  }))

  await world.attempt(memoryRun(), { tools: [pencil.tool] }, { effort: 'high', maxTokens: 2_000 })

  const [first, second] = world.api.requests
  expect(first?.body).toMatchObject({
    model: 'claude-opus-5-5',
    max_tokens: 2_000,
    stream: true,
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'high' },
    cache_control: { type: 'ephemeral' },
    system: [{ cache_control: { type: 'ephemeral', ttl: '1h' } }],
  })
  expect(first?.headers).toMatchObject({ 'idempotency-key': 'run-00000001/0', authorization: 'Bearer token-0' })
  expect(second?.headers['idempotency-key']).toBe('run-00000001/1')
})

const twoLines: ScriptedModel = (request) => {
  const written = toolResults(request).filter((r) => r.name === 'pen').length
  if (!usedTool(request, 'glass'))
    return { content: [text('Looking.'), tool('glass', { at: 'x' }), tool('glass', { at: 'y' })] }
  if (written < 2) return { content: [thinking('Hm.'), tool('pen', { line: `line ${written}` })] }
  return { content: [submit] }
}

test('killed at any point of its journal, it goes on to the same end and begins nothing twice', async () => {
  await using world = await agentWorld(twoLines)
  const undisturbed = memoryRun()
  await world.attempt(undisturbed, { tools: [glass(), pen().tool] })

  for (let cut = 0; cut <= undisturbed.log.length; cut++) {
    const again = pen()
    const run = memoryRun({ entries: undisturbed.log.slice(0, cut), attempt: 2 })
    const begunBefore = notes(run, 'tool').filter((n) => n.tool === 'pen' && n.state === 'started').length
    const requestsBefore = world.api.requests.length

    const result = await world.attempt(run, { tools: [glass(), again.tool] })

    expect(result.output, `cut at ${cut}`).toEqual({ verdict: 'good' })
    expect(again.lines.length, `cut at ${cut}`).toBe(2 - begunBefore)
    expect(world.api.requests.slice(requestsBefore).every((r) => r.status === 200)).toBe(true)
  }
})

test('a finished conversation is not asked again', async () => {
  await using world = await agentWorld(() => ({ content: [submit] }))
  const run = memoryRun()
  await world.attempt(run)

  const again = await world.attempt(memoryRun({ entries: run.log, attempt: 2 }))

  expect(again.output).toEqual({ verdict: 'good' })
  expect(world.api.requests).toHaveLength(1)
})

test('a call that was begun and not ended is answered as interrupted, with the words of the first prompt kept', async () => {
  await using world = await agentWorld((request) => ({
    content: [usedTool(request, 'pen') ? submit : tool('pen', { line: 'a' })],
  }))
  const first = memoryRun()
  const abort = new AbortController()
  const stuck = {
    ...pen().tool,
    run: () =>
      new Promise<never>((_, reject) => {
        abort.signal.addEventListener('abort', () => reject(abort.signal.reason))
        abort.abort(new Error('stopping'))
      }),
  }
  await expect(world.attempt(first, { tools: [stuck], signal: abort.signal })).rejects.toThrow('stopping')

  const pencil = pen()
  await world.attempt(memoryRun({ entries: first.log, attempt: 2 }), {
    tools: [pencil.tool],
    prompt: [{ type: 'text', text: 'Something else.' }],
  })

  const last = world.api.requests.at(-1)?.body
  if (!last) throw new Error('nothing was asked')
  expect(toolResults(last)[0]).toMatchObject({
    isError: true,
    result: expect.stringContaining('interrupted, state unknown'),
  })
  expect(JSON.stringify(last.messages[0])).toContain('Judge this.')
  expect(pencil.lines).toEqual([])
})

test('a call that a killed attempt had not begun is made up for, except in a shell that is gone', async () => {
  await using world = await agentWorld((request) => ({
    content: usedTool(request, 'pen') ? [submit] : [tool('pen', { line: 'a' }), tool('pen', { line: 'b' })],
  }))
  const first = memoryRun()
  await world.attempt(first, { tools: [pen().tool] })
  const beforeSecond = first.log.findLastIndex(
    (e) =>
      (e.data as { state?: string; tool?: string }).state === 'started' && (e.data as { tool?: string }).tool === 'pen',
  )
  const left = first.log.slice(0, beforeSecond)
  const plain = pen()
  const stateful = pen()

  await world.attempt(memoryRun({ entries: left, attempt: 2 }), { tools: [plain.tool] })
  await world.attempt(memoryRun({ entries: left, attempt: 2 }), { tools: [{ ...stateful.tool, stateful: true }] })

  expect(plain.lines).toEqual(['b'])
  expect(stateful.lines).toEqual([])
})

test('pictures and large texts stay out of the journal and come back as they were', async () => {
  const picture = pngOf(300_000)
  await using world = await agentWorld((request) => ({
    content: [usedTool(request, 'pen') ? submit : tool('pen', { line: 'x'.repeat(120_000) })],
  }))
  const run = memoryRun()
  const shown = {
    ...pen().tool,
    run: async () => ({
      ok: true,
      content: [{ type: 'image' as const, mediaType: 'image/png' as const, data: picture }],
    }),
  }
  const prompt = [
    { type: 'text' as const, text: 'y'.repeat(300_000) },
    { type: 'image' as const, mediaType: 'image/png' as const, data: picture },
  ]
  await world.attempt(run, { tools: [shown], prompt }, { maxTokens: 64_000 })
  const beforeSubmit = run.log.findLastIndex((e) => e.kind === 'assistant')

  await world.attempt(memoryRun({ entries: run.log.slice(0, beforeSubmit), attempt: 2 }), { tools: [shown] })

  const [, second, third] = world.api.requests.map((r) => r.body)
  if (!second || !third) throw new Error('two turns and one more were expected')
  expect(third.messages).toEqual(second.messages)
  expect(images(third)).toHaveLength(2)
})

test('reads of one message run beside each other, all else in order', async () => {
  const order: string[] = []
  const both = Promise.withResolvers<void>()
  let waiting = 0
  const read = glass(async () => {
    if (++waiting === 2) both.resolve()
    await both.promise
    order.push('read')
    return said('seen')
  })
  const write = { ...pen().tool, run: async () => said(`write ${order.push('write')}`) }
  await using world = await agentWorld((request) => ({
    content: usedTool(request, 'pen')
      ? [submit]
      : [
          tool('glass', { at: 'a' }),
          tool('glass', { at: 'b' }),
          tool('pen', { line: '1' }),
          tool('glass', { at: 'c' }),
        ],
  }))

  await world.attempt(memoryRun(), { tools: [read, write] })

  expect(order).toEqual(['read', 'read', 'write', 'read'])
})

test('a tool that throws, input that does not fit and broken JSON are answers for the model', async () => {
  const broken = { ...pen().tool, run: () => Promise.reject(new Error('no ink')) }
  await using world = await agentWorld((request) => {
    const results = toolResults(request)
    const first = [tool('pen', { line: 'a' }), tool('pen', { nothing: true }), brokenTool('pen', '{"line": "half')]
    return { content: results.length > 0 ? [submit] : first }
  })

  await world.attempt(memoryRun(), { tools: [broken] })

  const results = toolResults(world.api.requests.at(-1)?.body as never)
  expect(results.map((r) => r.isError)).toEqual([true, true, true])
  expect(results.map((r) => r.result)).toEqual([
    'Error: no ink',
    expect.stringContaining('does not fit'),
    expect.stringContaining('not valid JSON'),
  ])
})

test('a result that does not fit, or that the check has something against, is sent back with the reason', async () => {
  const tries = [{ verdict: 'x' }, { verdict: 'bad' }, { verdict: 'good' }]
  await using world = await agentWorld((request) => ({ content: [tool('submit', tries[toolResults(request).length])] }))

  const { output } = await world.attempt(memoryRun(), {
    check: ({ verdict }) => (verdict === 'bad' ? 'It is not bad.' : null),
  })

  expect(output).toEqual({ verdict: 'good' })
  const results = toolResults(world.api.requests.at(-1)?.body as never)
  expect(results[0]?.result).toContain('verdict')
  expect(results[1]?.result).toBe('Not accepted: It is not bad.')
})

test('a model that only talks is told three times, then given up', async () => {
  await using world = await agentWorld(() => ({ content: ['I am done.'] }))

  const attempt = world.attempt()

  await expect(attempt).rejects.toThrow(TerminalError)
  await expect(attempt).rejects.toThrow('did not submit')
  expect(world.api.requests).toHaveLength(4)
  expect(lastUserText(world.api.requests[1]?.body as never)).toContain('submit')
})

test('a message cut off at its longest runs nothing and goes on in smaller pieces', async () => {
  const pencil = pen()
  await using world = await agentWorld((request) =>
    toolResults(request).length > 0
      ? { content: [submit] }
      : { content: [tool('pen', { line: 'half' })], stop: 'max_tokens' },
  )

  const { output } = await world.attempt(memoryRun(), { tools: [pencil.tool] })

  expect(output).toEqual({ verdict: 'good' })
  expect(pencil.lines).toEqual([])
})

test('a model that never ends is stopped at the limit of turns', async () => {
  await using world = await agentWorld(() => ({ content: [tool('glass', { at: 'x' })] }))

  const attempt = world.attempt(memoryRun(), { tools: [glass()], limits: { maxTurns: 5 } })

  await expect(attempt).rejects.toThrow('in 5 turns')
  expect(world.api.requests).toHaveLength(5)
})

test('a question for the person parks the run', async () => {
  await using world = await agentWorld(() => ({ content: [tool('ask', { questions: [{ text: 'How long?' }] })] }))

  const parked = await world.attempt(memoryRun(), { tools: [askTool()] }).catch((error: unknown) => error)

  expect(parked).toBeInstanceOf(Pause)
  expect((parked as Pause).waiting).toEqual({ kind: 'questions', questions: [{ id: 'Q1', text: 'How long?' }] })
})

test('a conversation that was parked goes on where it stood, and what it cost before is not counted again', async () => {
  const pencil = pen()
  await using world = await agentWorld((request) => ({
    content: [usedTool(request, 'pen') ? submit : tool('pen', { line: 'a' })],
  }))
  const parked = memoryRun()
  await world.attempt(parked, { tools: [pencil.tool], limits: { maxTurns: 1 } }).catch(() => undefined)
  const run = memoryRun({ earlier: parked.log })

  const result = await world.attempt(run, { tools: [pencil.tool] })

  expect(pencil.lines).toEqual(['a'])
  expect(world.api.requests).toHaveLength(2)
  expect(result).toMatchObject({ output: { verdict: 'good' }, turns: 2 })
  expect(kinds(run, 'usage')).toHaveLength(1)
  expect(kinds(run, 'usage')[0]?.data).toMatchObject({ usage: result.usage })
})

test('a question in the middle of the work is answered where it was asked', async () => {
  const question = { text: 'How long?' }
  await using world = await agentWorld((request) => ({
    content: [usedTool(request, 'ask') ? submit : tool('ask', { questions: [question] })],
  }))
  const parked = memoryRun()
  await world.attempt(parked, { tools: [askTool()] }).catch(() => undefined)
  const answers = [{ id: 'Q1', text: 'How long?', answer: 'Two pages.' }]

  const { output } = await world.attempt(memoryRun({ earlier: parked.log }), { tools: [askTool(answers)] })

  expect(output).toEqual({ verdict: 'good' })
  expect(world.api.requests.flatMap(({ body }) => toolResults(body))).toMatchObject([
    { name: 'ask', result: 'How long?\nTwo pages.', isError: false },
  ])
})

test('a conversation that ended with what was handed in is not gone on with: it begins anew', async () => {
  await using world = await agentWorld(() => ({ content: [submit] }))
  const parked = memoryRun()
  await world.attempt(parked)

  await world.attempt(memoryRun({ earlier: parked.log }))

  expect(world.api.requests.map(({ body }) => body.messages.length)).toEqual([1, 1])
})

test('an attempt that lost its lease runs no tool any more', async () => {
  const run = memoryRun()
  const pencil = pen()
  await using world = await agentWorld(() => {
    run.loseLease()
    return { content: [tool('pen', { line: 'late' })] }
  })

  await expect(world.attempt(run, { tools: [pencil.tool] })).rejects.toThrow('Another attempt')

  expect(pencil.lines).toEqual([])
})

test('two conversations of one run are each resumed as their own', async () => {
  await using world = await agentWorld((request) => ({ content: [tool('submit', { verdict: lastUserText(request) })] }))
  const run = memoryRun()
  await world.attempt(run, { prompt: [{ type: 'text', text: 'one' }] })
  const { openAgent } = await import('./anthropic.ts')
  const { openLog } = await import('../log.ts')
  const { Verdict } = await import('../testing/agent-world.ts')
  const access = {
    url: world.api.url,
    egressUrl: '',
    token: 't',
    reopen: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
  const agent = openAgent({ run, access, model: 'claude-opus-5-5', log: openLog('test'), artifacts: world.artifacts })
  const task = (words: string) => ({
    system: 'You judge.',
    prompt: [{ type: 'text' as const, text: words }],
    output: Verdict,
    signal: new AbortController().signal,
  })

  const first = await agent.run(task('one'))
  const second = await agent.run(task('two'))

  expect([first.output.verdict, second.output.verdict]).toEqual(['one', 'two'])
  expect(world.api.requests).toHaveLength(2)
})

/** A PNG by its head, large by noise behind it: the API reads the size, nobody here the pixels. */
function pngOf(bytes: number): Buffer {
  const head = Buffer.from('89504e470d0a1a0a0000000d49484452000000640000006408060000007095d8', 'hex')
  return Buffer.concat([head, randomBytes(bytes - head.length)])
}
