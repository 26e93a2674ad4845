/** Starts each configured MCP server once, in a jail as a run's but without a way out, and lists its tools. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Jail } from '@sluice/kit/jail.ts'
import { isProgram, type McpConfig, type McpServer } from '@sluice/kit/mcp/config.ts'
import { jailFrom, resolveJail } from '@sluice/kit/resolve/jail.ts'
import type { Machine } from '@sluice/kit/resolve/machine.ts'
import { type Check, ok, warning } from './check.ts'

const MOST_NAMED = 12

export async function mcpServers(machine: Machine, { servers, roles, projects }: McpConfig): Promise<Check[]> {
  if (Object.keys(servers).length === 0) return []
  const jail = jailFrom(await resolveJail(machine))
  const who = (name: string): string => {
    const given = Object.entries(roles).flatMap(([role, names]) => (names.includes(name) ? [role] : []))
    return [...given, ...(projects.includes(name) ? ['projects that name it'] : [])].join(', ') || 'no role'
  }
  const each = Object.entries(servers).map(([name, server]) => started({ name, ...server }, { jail, for: who(name) }))
  return Promise.all(each)
}

async function started(server: McpServer, { jail, for: who }: { jail: Jail; for: string }): Promise<Check> {
  const name = `mcp ${server.name}`
  if (!isProgram(server)) return ok(name, `${server.url}, for ${who}: asked in a run, through its list of hosts`)
  const { openMcpServer } = await import('@sluice/kit/mcp/server.ts')
  const worktree = await mkdtemp(join(tmpdir(), 'slc-doctor-'))
  try {
    await using connection = await openMcpServer(server, { jail, policy: { worktree } })
    const tools = connection.tools.map((tool) => tool.name)
    const more = tools.length > MOST_NAMED ? ` and ${tools.length - MOST_NAMED} more` : ''
    return ok(name, `${connection.version}, for ${who}: ${tools.slice(0, MOST_NAMED).join(', ') || 'no tools'}${more}`)
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return warning(
      name,
      `${problem} It was tried in a jail without network; the runs of ${who} go on without it.`,
      `Look at \`mcp.servers.${server.name}\` in config.yaml; a program that npx or uvx would fetch is best installed first.`,
    )
  } finally {
    await rm(worktree, { recursive: true, force: true })
  }
}
