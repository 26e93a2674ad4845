/** Every engine by its name, loaded when it is first asked for: the model's SDK alone takes 0.3 s. */
import type { Engine } from './engine.ts'
import { Refusal } from './errors.ts'

const engines: Record<string, () => Promise<Engine>> = {
  anthropic: async () => (await import('./agents/anthropic.ts')).anthropic,
}

export const engineNames: readonly string[] = Object.keys(engines)
export const defaultEngine = 'anthropic'

export function engineOf(name: string): Promise<Engine> {
  const load = Object.hasOwn(engines, name) ? engines[name] : undefined
  if (!load) throw new Refusal(`There is no engine ${name}.`, `There are: ${engineNames.join(', ')}.`)
  return load()
}
