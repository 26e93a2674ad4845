/** An agent of our own loop with MCP servers: offered, called, journaled, and asked for the same after a kill. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Agent, AgentTask } from '../agent.ts'
import { openAgent } from '../agents/anthropic.ts'
import { openLog } from '../log.ts'
import { type AgentWorld, agentWorld, Verdict } from '../testing/agent-world.ts'
import { type JailWorld, jailed, jailWorld } from '../testing/jail-world.ts'
import { type MemoryRun, memoryRun } from '../testing/memory-run.ts'
import { tool, toolResults, usedTool } from '../testing/messages-script.ts'
import { McpConfig, type McpServer, serversFor } from './config.ts'
import { withServers } from './with-servers.ts'

const PROGRAM = fileURLToPath(new URL('../testing/mcp-server.mjs', import.meta.url))
const command = process.execPath
const { servers, roles } = {
  servers: { notes: { command, args: [PROGRAM] }, gone: { command: 'no-such-program' } },
  roles: { role: ['notes', 'gone'] },
}
const both = serversFor(McpConfig.parse({ servers, roles }), { role: 'role' })
const [notes] = both as [McpServer]
const submit = tool('submit', { verdict: 'good' })
const silent = openLog('test', { write: () => undefined })

type Has = { servers: McpServer[]; notGiven?: string[] }

async function attempt(worlds: { agents: AgentWorld; jails: JailWorld }, run: MemoryRun, has: Has): Promise<unknown> {
  const { agents, jails } = worlds
  const access = {
    ...{ url: agents.api.url, egressUrl: '', token: 'token' },
    reopen: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
  const given = { run, access, artifacts: agents.artifacts, log: silent, firstWaitMs: 1 }
  const agent: Agent = openAgent({ ...given, model: 'claude-opus-5-5' })
  const ways = async () => ({ jail: jailed(), policy: { worktree: jails.worktree } })
  await using with_ = withServers(agent, { ...has, ways, run, log: silent })
  const task: AgentTask<typeof Verdict> = {
    ...{ system: 'You judge.', prompt: [{ type: 'text', text: 'Judge this.' }], output: Verdict },
    signal: new AbortController().signal,
  }
  return (await with_.run(task)).output
}

const echoes = () =>
  agentWorld((request) => ({
    content: [usedTool(request, 'mcp__notes__echo') ? submit : tool('mcp__notes__echo', { at: 'here' })],
  }))

test('its tools are the model’s, and what it answers is in the conversation and in the journal', async () => {
  using jails = jailWorld()
  await using agents = await echoes()
  const run = memoryRun()

  const output = await attempt({ agents, jails }, run, { servers: [notes] })

  expect(output).toEqual({ verdict: 'good' })
  const last = agents.api.requests.at(-1)?.body
  expect(last && toolResults(last)).toMatchObject([
    { name: 'mcp__notes__echo', result: '{"at":"here"}', isError: false },
  ])
  const told = run.log.filter(({ kind }) => kind === 'note').map(({ data }) => (data as { text?: string }).text)
  expect(told).toContain('notes: echo {"at":"here"}')
})

test('killed after a call, the next attempt sends what was sent before, byte for byte', async () => {
  using jails = jailWorld()
  await using agents = await echoes()
  const run = memoryRun()
  await attempt({ agents, jails }, run, { servers: [notes] })
  const cut = run.log.findLastIndex(({ kind }) => kind === 'assistant')

  await attempt({ agents, jails }, memoryRun({ entries: run.log.slice(0, cut), attempt: 2 }), { servers: [notes] })

  const [, before, after] = agents.api.requests.map(({ body }) => JSON.stringify(body))
  expect(after).toBe(before)
})

test('a server that does not start is said in the run, and the work goes on without it', async () => {
  using jails = jailWorld()
  await using agents = await echoes()
  const run = memoryRun()

  const output = await attempt({ agents, jails }, run, { servers: both })

  expect(output).toEqual({ verdict: 'good' })
  expect(JSON.stringify(run.log)).toContain('Without the MCP server gone: There is no program no-such-program.')
})

test('a server that ends during a call is an answer for the model, not the end of the run', async () => {
  using jails = jailWorld()
  await using agents = await agentWorld((request) => ({
    content: [usedTool(request, 'mcp__notes__ends') ? submit : tool('mcp__notes__ends', {})],
  }))

  const output = await attempt({ agents, jails }, memoryRun(), { servers: [notes] })

  expect(output).toEqual({ verdict: 'good' })
  const last = agents.api.requests.at(-1)?.body
  expect(last && toolResults(last)).toMatchObject([{ isError: true, result: expect.stringContaining('ended during') }])
})

test('what a project wished for in vain is said', async () => {
  using jails = jailWorld()
  await using agents = await agentWorld(() => ({ content: [submit] }))
  const run = memoryRun()

  await attempt({ agents, jails }, run, { servers: [], notGiven: ['bugs'] })

  expect(JSON.stringify(run.log)).toContain('This project would like to have the MCP server bugs')
})
