/** What an agent of somebody else's sees of a task's tools, over HTTP on a socket and over stdio. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type AgentTask, type AnyTool, defineTool, type ToolResult } from './agent.ts'
import { artifactStore } from './artifacts.ts'
import { Pause } from './errors.ts'
import { HOST_TOOLS_BRIDGE, handedInBefore, hostedCalls, openHostTools } from './host-tools.ts'
import { memoryRun } from './testing/memory-run.ts'
import { askTool } from './tools/asking.ts'

const Verdict = z.object({ verdict: z.string().min(3) })

function tool(name: string, more: Partial<AnyTool> & { run?: AnyTool['run'] } = {}): AnyTool {
  const run = async (): Promise<ToolResult> => ({ ok: true, content: [{ type: 'text', text: `${name} ran` }] })
  return defineTool({
    name,
    description: `Does ${name}.`,
    input: z.object({ at: z.string() }),
    readOnly: false,
    run,
    ...more,
  })
}

const place = { dir: '/p', jail: { kind: 'none' as const, problem: 'a test' }, policy: { worktree: '/p' } }

async function world(task: Partial<AgentTask> = {}, run = memoryRun()) {
  await using stack = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'slc-host-'))
  stack.defer(() => rm(dir, { recursive: true, force: true }))
  const artifacts = artifactStore(dir)
  const signal = new AbortController().signal
  const given = { system: '', prompt: [], output: Verdict, signal, ...task } as AgentTask
  const tools = openHostTools({ task: given, run, artifacts, number: 0 })
  const server = createServer((req, res) => void tools.answer(req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stack.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  stack.defer(() => client.close())
  const things = stack.move()
  const call = (name: string, input: object, id?: string) =>
    client.callTool({ name, arguments: { ...input }, ...(id && { _meta: { 'claudecode/toolUseId': id } }) })
  return { tools, run, artifacts, client, call, url, [Symbol.asyncDispose]: () => things.disposeAsync() }
}

const notes = (run: ReturnType<typeof memoryRun>) =>
  run.log.flatMap(({ kind, data }) =>
    kind === 'note' ? [data as { state: string; callId: string; tool: string; ok?: boolean }] : [],
  )

test('without a place all tools are offered; with one, those for files and commands are left to the agent', async () => {
  const tools = [tool('read', { hand: true, readOnly: true }), tool('ask')]
  await using bare = await world({ tools })
  await using placed = await world({ tools, place })

  const offered = await bare.client.listTools()

  expect(offered.tools.map(({ name }) => name)).toEqual(['read', 'ask', 'submit'])
  expect(offered.tools[0]).toMatchObject({
    ...{ description: 'Does read.', annotations: { readOnlyHint: true } },
    inputSchema: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] },
  })
  expect((await placed.client.listTools()).tools.map(({ name }) => name)).toEqual(['ask', 'submit'])
})

test('a call is in the journal before and after it, under the id the model gave it', async () => {
  await using one = await world({ tools: [tool('pen')] })

  const said = await one.call('pen', { at: 'x' }, 'toolu_1')

  expect(said).toMatchObject({ isError: false, content: [{ type: 'text', text: 'pen ran' }] })
  expect(notes(one.run)).toMatchObject([
    { state: 'started', callId: 'toolu_1', tool: 'pen' },
    { state: 'ended', callId: 'toolu_1', tool: 'pen', ok: true },
  ])
})

test('a result that does not fit or is refused comes back with why; the accepted one ends the run', async () => {
  const check = ({ verdict }: { verdict: string }) => (verdict === 'bad' ? 'It is good.' : null)
  await using one = await world({ check: check as NonNullable<AgentTask['check']> })

  const short = await one.call('submit', { verdict: 'x' })
  const refused = await one.call('submit', { verdict: 'bad' })
  const accepted = await one.call('submit', { verdict: 'good' })

  expect(short).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('does not fit') }] })
  expect(refused).toMatchObject({ isError: true, content: [{ text: 'Not accepted: It is good.' }] })
  expect(accepted).toMatchObject({ isError: false })
  expect(await one.tools.submitted).toEqual({ verdict: 'good' })
  const calls = hostedCalls(one.run.log, 0)
  expect(await handedInBefore(calls, one.artifacts)).toEqual({ input: { verdict: 'good' } })
  expect(await handedInBefore(hostedCalls(one.run.log, 1), one.artifacts)).toBeNull()
})

test('pictures of a tool arrive as pictures', async () => {
  const png = Buffer.from('a picture')
  const run = async (): Promise<ToolResult> => ({
    ok: true,
    content: [{ type: 'image', mediaType: 'image/png', data: png }],
  })
  await using one = await world({ tools: [tool('render', { run })] })

  const said = await one.call('render', { at: 'x' })

  expect(said.content).toEqual([{ type: 'image', data: png.toString('base64'), mimeType: 'image/png' }])
})

test('a question stops the run for the person, and the call gets no answer', async () => {
  await using one = await world({ tools: [askTool()] })

  void one.call('ask', { questions: [{ text: 'For how long?' }] }).catch(() => undefined)

  await expect(one.tools.submitted).rejects.toBeInstanceOf(Pause)
})

test('killed and asked again under the same id, it says what it said; what was cut off is not run a second time', async () => {
  const first = memoryRun()
  let runs = 0
  const pen = tool('pen', { run: async () => ({ ok: true, content: [{ type: 'text', text: `run ${++runs}` }] }) })
  await using before = await world({ tools: [pen] }, first)
  await before.call('pen', { at: 'x' }, 'toolu_1')
  const begun = { type: 'tool', hosted: 0, state: 'started', callId: 'toolu_2', tool: 'pen', text: 'pen' }
  await first.append('note', begun)
  await using after = await world({ tools: [pen] }, memoryRun({ entries: first.log, attempt: 2 }))

  const again = await after.call('pen', { at: 'x' }, 'toolu_1')
  const cut = await after.call('pen', { at: 'x' }, 'toolu_2')

  expect(again).toMatchObject({ isError: false, content: [{ text: 'run 1' }] })
  expect(cut).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('interrupted, state unknown') }],
  })
  expect(runs).toBe(1)
})

test('an attempt that lost its lease carries out nothing that changes something', async () => {
  let runs = 0
  const pen = tool('pen', { run: async () => ({ ok: true, content: [{ type: 'text', text: `run ${++runs}` }] }) })
  await using one = await world({ tools: [pen] })
  one.run.loseLease()

  void one.call('pen', { at: 'x' }).catch(() => undefined)

  await expect(one.tools.submitted).rejects.toThrow('Another attempt')
  expect(runs).toBe(0)
})

test('an agent that knows stdio only reaches the same tools through the bridge', async () => {
  await using one = await world({ tools: [tool('pen')] })
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [HOST_TOOLS_BRIDGE, one.url] }))

  const offered = await client.listTools()
  const said = await client.callTool({ name: 'pen', arguments: { at: 'x' } })
  await client.close()

  expect(offered.tools.map(({ name }) => name)).toEqual(['pen', 'submit'])
  expect(said).toMatchObject({ isError: false, content: [{ type: 'text', text: 'pen ran' }] })
})

test('the bridge says so when the run’s tools are gone', async () => {
  const client = new Client({ name: 'test', version: '1' })
  const connecting = client.connect(
    new StdioClientTransport({ command: process.execPath, args: [HOST_TOOLS_BRIDGE, 'http://127.0.0.1:9/mcp'] }),
  )

  await expect(connecting).rejects.toThrow('The tools of the run do not answer')
})
