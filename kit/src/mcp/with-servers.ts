/** An agent that has MCP servers: started in the run's jail before its first conversation, ended with the run. */
import type { Agent, AgentTask } from '../agent.ts'
import type { Log } from '../log.ts'
import type { Run } from '../run.ts'
import type { McpServer } from './config.ts'
import type { McpConnection, McpWays } from './server.ts'
import { mcpTools } from './tools.ts'

export type WithServers = {
  servers: readonly McpServer[]
  /** What the project wished for in vain. */
  notGiven?: readonly string[]
  ways(task: AgentTask): Promise<McpWays>
  run: Run
  log: Log
}

export function withServers(
  agent: Agent,
  { servers, notGiven = [], ways, run, log }: WithServers,
): Agent & AsyncDisposable {
  if (servers.length + notGiven.length === 0)
    return { run: (task) => agent.run(task), [Symbol.asyncDispose]: async () => undefined }
  let opened: Promise<McpConnection[]> | undefined

  async function open(task: AgentTask): Promise<McpConnection[]> {
    // MCP's client takes a while to import: only a run that has servers pays for it.
    const { openMcpServer } = await import('./server.ts')
    for (const name of notGiven)
      await say(`This project would like to have the MCP server ${name}: your config does not let projects have it.`)
    const by = await ways(task)
    const tried = await Promise.allSettled(servers.map((server) => openMcpServer(server, by)))
    for (const [i, one] of tried.entries()) if (one.status === 'rejected') await without(servers[i]?.name, one.reason)
    return tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  }

  /** A server that does not start is no reason to do nothing: the run says so, and goes on without its tools. */
  async function without(server: string | undefined, reason: unknown): Promise<void> {
    const text = reason instanceof Error ? reason.message : String(reason)
    log.warn({ server, problem: text }, 'goes on without an MCP server')
    await say(`Without the MCP server ${server}: ${text}`)
  }

  const say = (text: string) => run.append('note', { type: 'text', text: text.slice(0, 2_000) })

  return {
    async run(task) {
      opened ??= open(task)
      return agent.run({ ...task, tools: [...(task.tools ?? []), ...mcpTools(await opened)] })
    },
    async [Symbol.asyncDispose]() {
      const connections = await opened?.catch(() => [])
      await Promise.all((connections ?? []).map((one) => one[Symbol.asyncDispose]()))
    },
  }
}
