/** Which engines work on this machine: all asked at once, none waited for longer than a while. */
import type { Probe } from './engine.ts'
import { engineNames, engineOf } from './engines.ts'
import type { EnginesConfig } from './engines-config.ts'

const PROBE_MS = 20_000

export type Probed = { name: string; probe: Probe }

export function probeEngines(
  configured: EnginesConfig = {},
  { withinMs = PROBE_MS, of = engineOf }: { withinMs?: number; of?: typeof engineOf } = {},
): Promise<Probed[]> {
  return Promise.all(
    engineNames(configured).map(async (name) => ({
      name,
      probe: await probed(name, () => of(name, configured), withinMs),
    })),
  )
}

async function probed(name: string, load: () => ReturnType<typeof engineOf>, withinMs: number): Promise<Probe> {
  const late = Promise.withResolvers<Probe>()
  const timer = setTimeout(() => late.resolve(tooLate(name, withinMs)), withinMs)
  const asked = load().then((engine) => engine.probe())
  // One that breaks is one that does not work; the others are told all the same.
  const told = asked.catch((error: unknown): Probe => broken(name, error))
  return Promise.race([told, late.promise]).finally(() => clearTimeout(timer))
}

const tooLate = (name: string, ms: number): Probe => ({
  ok: false,
  problem: `${name} did not answer within ${ms / 1000} seconds.`,
  mend: 'Look at how busy this machine is, and start the agent by hand to see what it waits for.',
})

const broken = (name: string, error: unknown): Probe => ({
  ok: false,
  problem: `${name} cannot be asked: ${error instanceof Error ? error.message : String(error)}`,
  mend: 'Install Sluice anew: npm ci in the checkout, or the package again.',
})
