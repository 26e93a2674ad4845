/** What carries a role's conversations: our own loop on the API, or a program of the person's in the run's jail. One contract for all. */
import type { Effort } from '@sluice/proto/parts.ts'
import type { Agent } from './agent.ts'
import type { Artifacts } from './artifacts.ts'
import type { Hearing } from './hearing.ts'
import type { Log } from './log.ts'
import type { McpServer } from './mcp/config.ts'
import type { ModelAccess } from './model-access.ts'
import type { PermissionRules } from './permits.ts'
import type { Prices } from './prices.ts'
import type { Window } from './role-own.ts'
import type { Run } from './run.ts'
import type { Workshop } from './workshop.ts'

/** What the person chose for this role in this story. */
export type EngineChoice = {
  model: string
  effort?: Effort
  maxTokens?: number
  window?: Window
  /** It is known to see no pictures. */
  blind?: true
}

export type EngineOptions = {
  run: Run
  /** Every call of a model goes through the gateway, whoever makes it. */
  access: ModelAccess
  choice: EngineChoice
  /** The person's own, before the public ones. */
  prices?: Prices
  hearing: Hearing
  /** What may go ahead without a person; by default all in a jail, and nothing but reading without one. */
  permissions?: PermissionRules
  workshop: Workshop
  artifacts: Artifacts
  /** MCP servers for an engine that starts them itself. */
  mcp?: readonly McpServer[]
  log: Log
}

/** `problem` and `mend` are sentences for people. */
export type Probe = { ok: true; version: string } | { ok: false; problem: string; mend: string }

export type Engine = {
  name: string
  /** It starts MCP servers that are programs itself, in its own jail; for any other they are started beside it. */
  startsMcp?: boolean
  /** Whether it works on this machine: asked by `doctor`, before anybody spends time on it. */
  probe(): Promise<Probe>
  /** An agent bound to one run; it resumes from the run's journal by itself. */
  open(options: EngineOptions): Agent | Promise<Agent>
}
