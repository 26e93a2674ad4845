/** MCP servers that are programs, for an engine that starts them itself: how it is told of each, and what its jail must show for them. */
import { Refusal } from '../errors.ts'
import { programSight } from '../program-sight.ts'
import { isProgram, type McpServer } from './config.ts'

export type OwnServers = {
  servers: { name: string; command: string; args: string[]; env: Record<string, string> }[]
  readable: string[]
  /** One whose program is not there is no reason to do nothing: the run says so, and goes on without its tools. */
  without: string[]
}

export function ownServers(mcp: readonly McpServer[]): OwnServers {
  const own: OwnServers = { servers: [], readable: [], without: [] }
  for (const { name, env, readable, ...server } of mcp.filter(isProgram)) {
    try {
      const sight = programSight([server.command, ...server.args])
      const [command = '', ...args] = sight.command
      own.servers.push({ name, command, args, env })
      own.readable.push(...sight.readable, ...readable)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      own.without.push(`Without the MCP server ${name}: ${error.message}`)
    }
  }
  return own
}
