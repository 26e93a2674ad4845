/** Asks each engine that the config names whether it works here: an agent is started in a jail, greeted, and a session opened. */
import type { Probe } from '@sluice/kit/engine.ts'
import { engineNames, engineOf } from '@sluice/kit/engines.ts'
import type { Settings } from '../settings.ts'
import { type Check, ok, warning } from './check.ts'

const PATIENCE_MS = 90_000

export async function configuredEngines({
  engines,
  engine,
  roles,
}: Pick<Settings, 'engines' | 'engine' | 'roles'>): Promise<Check[]> {
  const ours = engineNames()
  const named = engineNames(engines).filter((name) => !ours.includes(name))
  return Promise.all(
    named.map(async (name) => {
      const probed = await inTime(async () => (await engineOf(name, engines)).probe())
      if (!probed.ok) return warning(`engine ${name}`, probed.problem, probed.mend)
      return ok(`engine ${name}`, `${probed.version}, for ${whoWorksWith(name, { engine, roles })}`)
    }),
  )
}

function whoWorksWith(name: string, { engine, roles }: Pick<Settings, 'engine' | 'roles'>): string {
  const those = Object.entries(roles).flatMap(([role, choice]) => (choice.engine === name ? [role] : []))
  return (
    [...(engine === name ? ['every role that chooses no other'] : []), ...those].join(', ') ||
    'no role, until a story chooses it'
  )
}

async function inTime(probe: () => Promise<Probe>): Promise<Probe> {
  const late = Promise.withResolvers<Probe>()
  const slow: Probe = {
    ok: false,
    problem: `It did not say within ${PATIENCE_MS / 1000} s whether it works.`,
    mend: 'Start its command by hand, and see what it waits for.',
  }
  const timer = setTimeout(() => late.resolve(slow), PATIENCE_MS)
  return Promise.race([probe(), late.promise]).finally(() => clearTimeout(timer))
}
