/** Which engines work here and why not, and which of them each role is set to use. */
import { choiceText, chosenOver } from '@sluice/kit/choice.ts'
import { type Probed, probeEngines } from '@sluice/kit/probe-engines.ts'
import { roles } from '@sluice/kit/roles.ts'
import { hasKey } from '../child-env.ts'
import { enginesOf } from '../own.ts'
import type { Settings } from '../settings.ts'
import { type Check, ok, warning } from './check.ts'

type Env = Record<string, string | undefined>
type Wanted = Pick<Settings, 'engine' | 'model' | 'effort' | 'roles' | 'engines'>

export async function engines(settings: Wanted, env: Env, look = probeEngines): Promise<Check[]> {
  const probed = await look(enginesOf({ settings, env }))
  return [...probed.map((one) => engineCheck(one, { settings, env })), rolesCheck(settings, probed)]
}

function engineCheck({ name, probe }: Probed, { settings, env }: { settings: Wanted; env: Env }): Check {
  const title = `engine ${name}`
  if (!probe.ok) return warning(title, probe.problem, probe.mend)
  if (name === 'anthropic' && !hasKey(env))
    return warning(title, 'It is here and has no key to work with.', 'Set ANTHROPIC_API_KEY; the demo needs none.')
  return ok(title, `${probe.version}, for ${whoWorksWith(name, settings)}`)
}

function whoWorksWith(name: string, { engine, roles: own }: Wanted): string {
  const those = Object.entries(own).flatMap(([role, choice]) => (choice.engine === name ? [role] : []))
  const all = engine === name ? ['every role that chooses no other'] : []
  return [...all, ...those].join(', ') || 'no role, until a story chooses it'
}

/** A role whose engine does not work would fail at its first request. */
function rolesCheck(settings: Wanted, probed: readonly Probed[]): Check {
  const named = roles.filter(({ uses }) => uses.includes('agent')).map(({ name }) => name)
  const extra = Object.keys(settings.roles).filter((name) => !named.includes(name))
  const chosen = [...named, ...extra].map((name) => ({ name, choice: chosenOver(settings, settings.roles[name]) }))
  const lame = chosen.filter(({ choice }) => probed.find(({ name }) => name === choice.engine)?.probe.ok !== true)
  const text = [...Map.groupBy(chosen, ({ choice }) => choiceText(choice))]
    .map(([what, who]) => `${who.map(({ name }) => name).join(', ')}: ${what}`)
    .join(' · ')
  if (lame.length === 0) return ok('roles', text)
  const list = lame.map(({ name, choice }) => `${name} (${choice.engine})`).join(', ')
  return warning(
    'roles',
    `${list} would work with an engine that does not work here.`,
    'Mend it, or set another one under `roles` in config.yaml.',
  )
}
