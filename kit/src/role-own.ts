/** What `up` tells a role in its file: model, prices, and what its jails may reach and read. */
import { Effort } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { CopyPattern } from './copy-pattern.ts'
import { defaultEngine } from './engines.ts'
import { EnginesConfig } from './engines-config.ts'
import { McpConfig } from './mcp/config.ts'
import { PermissionPolicy } from './permits.ts'
import { Prices } from './prices.ts'

/** What the model can read, where its name does not say; and the share of it from which on a conversation is begun anew. */
export const Window = z.strictObject({
  tokens: z.int().min(10_000).optional(),
  compactAt: z.number().min(0.1).max(0.95).optional(),
})
export type Window = z.infer<typeof Window>

export const RoleOwn = z.object({
  /** What carries its conversations (engines.ts). */
  engine: z.string().default(defaultEngine),
  /** What the person says of engines by name. */
  engines: EnginesConfig.default({}),
  /** What agents may do without a person, by role; `all` roles by `*`. Where nothing is said: all in a jail, and reading alone without one. */
  permissions: z.record(z.string(), PermissionPolicy).default({}),
  /** Seconds an agent waits for a person's answer before its run is parked. */
  permissionSeconds: z.number().positive().default(120),
  model: z.string().default('claude-opus-5-5'),
  effort: Effort.optional(),
  maxTokens: z.int().positive().optional(),
  prices: Prices.optional(),
  /** Turns without a change to its tree before the person is asked. */
  idleTurns: z.int().positive().default(40),
  window: Window.optional(),
  /** Hosts that jailed commands may reach beside the model: the person's own list and the package registries. */
  egress: z.array(z.string()).default([]),
  /** Address of the person's package registry. */
  registry: z.string().optional(),
  /** More directories that jailed commands may read. */
  readable: z.array(z.string()).default([]),
  /** Services of this machine's loopback that jailed commands may reach: `127.0.0.1:5432`. */
  services: z.array(z.string()).default([]),
  /** Files of the person's checkout that git ignores and worktrees may have. */
  copy: z.array(CopyPattern).default([]),
  /** The MCP servers it may have, those of nobody else. */
  mcp: McpConfig.prefault({}),
})
export type RoleOwn = z.infer<typeof RoleOwn>
