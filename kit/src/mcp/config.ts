/** The person's MCP servers: which there are, which role has which, and which of them a project may wish for. */
import { z } from 'zod'

const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,30}$/, 'letters, digits, - and _, at most 31')
const Seconds = z.number().positive().max(3_600)

const Program = z.strictObject({
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  /** Seen in the server's jail, and by nobody else. */
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}),
  /** What its jail shows beside the program itself. */
  readable: z.array(z.string().startsWith('/')).default([]),
  timeoutSeconds: Seconds.default(60),
})
const Address = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  /** Sent from outside the jail: no agent sees them. */
  headers: z.record(z.string(), z.string()).default({}),
  timeoutSeconds: Seconds.default(60),
})

const Servers = z.union([Program, Address])
export type McpProgram = z.infer<typeof Program>
export type McpAddress = z.infer<typeof Address>
export type McpServer = { name: string } & (McpProgram | McpAddress)

export const McpConfig = z
  .strictObject({
    servers: z.record(Name, Servers).default({}),
    /** By role or seat; who is not named has none. */
    roles: z.record(z.string(), z.array(Name)).default({}),
    /** What a project may give its roles by naming it in `sluice.yaml`. */
    projects: z.array(Name).default([]),
  })
  .superRefine(({ servers, roles, projects }, context) => {
    const named = [
      ...Object.entries(roles).flatMap(([role, names]) => names.map((name) => ({ at: ['roles', role], name }))),
    ]
    for (const { at, name } of [...named, ...projects.map((name) => ({ at: ['projects'], name }))])
      if (!Object.hasOwn(servers, name))
        context.addIssue({ code: 'custom', path: at, message: `there is no server ${name}` })
  })
export type McpConfig = z.infer<typeof McpConfig>

export const isProgram = (server: McpServer): server is { name: string } & McpProgram => 'command' in server

/** What one role is told: no secret of a server that only others have. */
export function mcpOf({ servers, roles, projects }: McpConfig, role: string): McpConfig {
  const mine = roles[role] ?? []
  const kept = Object.entries(servers).filter(([name]) => [...mine, ...projects].includes(name))
  return { servers: Object.fromEntries(kept), roles: { [role]: mine }, projects }
}

/** What a project would like to have and does not get: said in the run, lest somebody wonder. */
export const notGiven = ({ projects }: McpConfig, wished: readonly string[] = []): string[] =>
  wished.filter((name) => !projects.includes(name))

/** The servers of one role, always in the order of the config: another order would be another prompt cache. */
export function serversFor(
  { servers, roles, projects }: McpConfig,
  { role, wished = [] }: { role: string; wished?: readonly string[] | undefined },
): McpServer[] {
  const wanted = new Set([...(roles[role] ?? []), ...wished.filter((name) => projects.includes(name))])
  return Object.entries(servers).flatMap(([name, server]) => (wanted.has(name) ? [{ name, ...server }] : []))
}
