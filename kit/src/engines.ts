/** Every engine by its name, loaded when it is first asked for: the model's SDK alone takes 0.3 s. */
import { AcpConfig } from './agents/acp/config.ts'
import { ClaudeCodeSettings, LOGIN_HOST } from './agents/claude-code/settings.ts'
import type { Engine } from './engine.ts'
import type { EnginesConfig } from './engines-config.ts'
import { Refusal } from './errors.ts'

const engines: Record<string, (configured: EnginesConfig) => Promise<Engine>> = {
  anthropic: async () => (await import('./agents/anthropic.ts')).anthropic,
  'claude-code': async (configured) =>
    (await import('./agents/claude-code/claude-code.ts')).claudeCodeEngine(
      ClaudeCodeSettings.parse(configured['claude-code'] ?? {}),
    ),
}

export const defaultEngine = 'anthropic'

/** Our own, then the agents the person's config names. */
export const engineNames = (configured: EnginesConfig = {}): string[] => [
  ...new Set([...Object.keys(engines), ...Object.keys(configured)]),
]

export async function engineOf(name: string, configured: EnginesConfig = {}): Promise<Engine> {
  const load = Object.hasOwn(engines, name) ? engines[name] : undefined
  if (load) return load(configured)
  const agent = Object.hasOwn(configured, name) ? configured[name] : undefined
  if (agent) return (await import('./agents/acp/acp.ts')).acpEngine(name, AcpConfig.parse(agent))
  throw new Refusal(`There is no engine ${name}.`, `There are: ${engineNames(configured).join(', ')}.`)
}

/** What an engine needs of the gateway beside models: the person's login instead of its key, and the host where that is renewed. */
export function gatewayNeeds(name: string, configured: EnginesConfig): { login?: true; egress: string[] } {
  if (name !== 'claude-code') return { egress: [] }
  const { auth } = ClaudeCodeSettings.parse(configured[name] ?? {})
  return auth === 'login' ? { login: true, egress: [LOGIN_HOST] } : { egress: [] }
}
