/** Every engine by its name, loaded when it is first asked for: the model's SDK alone takes 0.3 s. */
import type { Engine } from './engine.ts'
import type { EnginesConfig } from './engines-config.ts'
import { Refusal } from './errors.ts'

const engines: Record<string, () => Promise<Engine>> = {
  anthropic: async () => (await import('./agents/anthropic.ts')).anthropic,
}

export const defaultEngine = 'anthropic'

/** Our own, then the agents the person's config names. */
export const engineNames = (configured: EnginesConfig = {}): string[] => [
  ...Object.keys(engines),
  ...Object.keys(configured),
]

export async function engineOf(name: string, configured: EnginesConfig = {}): Promise<Engine> {
  const load = Object.hasOwn(engines, name) ? engines[name] : undefined
  if (load) return load()
  const agent = Object.hasOwn(configured, name) ? configured[name] : undefined
  if (agent) return (await import('./agents/acp/acp.ts')).acpEngine(name, agent)
  throw new Refusal(`There is no engine ${name}.`, `There are: ${engineNames(configured).join(', ')}.`)
}
