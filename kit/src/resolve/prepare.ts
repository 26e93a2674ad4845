/** The last step of set-up: finds or fetches the broker, the jail, the browser, and the agents that tests drive, and says in one sentence what cannot be had. */
import { Refusal } from '../errors.ts'
import { resolveAgents } from './agents.ts'
import { resolveBroker } from './broker.ts'
import { resolveBrowser } from './browser.ts'
import { type Jail, resolveJail } from './jail.ts'
import { thisMachine } from './machine.ts'

const say = (line: string) => process.stderr.write(`sluice set-up: ${line}\n`)

/** Nothing starts without a broker; without a jail or a browser it does, with a loud mark, but under `--strict` (tests) they must be there too. */
async function prepare(flags: ReadonlySet<string>): Promise<boolean> {
  const machine = thisMachine(say)
  const strict = flags.has('--strict')
  const asked = [
    flags.has('--broker') && attempt(() => resolveBroker(machine), true),
    flags.has('--jail') && attempt(async () => orRefuse(await resolveJail(machine)), strict),
    flags.has('--browser') && attempt(() => resolveBrowser(machine), strict),
    flags.has('--agents') && attempt(() => resolveAgents(say), strict),
  ]
  return (await Promise.all(asked)).every((ok) => ok !== 'fatal')
}

function orRefuse(jail: Jail): void {
  if (jail.kind === 'none') throw new Refusal(jail.problem, jail.mend)
}

async function attempt(resolve: () => Promise<unknown>, needed: boolean): Promise<'ok' | 'fatal' | 'missing'> {
  try {
    await resolve()
    return 'ok'
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    say(needed ? error.message : `WARNING: ${error.message}`)
    return needed ? 'fatal' : 'missing'
  }
}

process.exitCode = (await prepare(new Set(process.argv.slice(2)))) ? 0 : 1
