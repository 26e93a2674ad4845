/** Looks for the programs: Node, git and who the person is to it, broker, jail, browser. What `up` would fetch is fetched. */
import { resolveBroker } from '@sluice/kit/resolve/broker.ts'
import { resolveBrowser } from '@sluice/kit/resolve/browser.ts'
import { jailText, resolveJail } from '@sluice/kit/resolve/jail.ts'
import { type Machine, ran } from '@sluice/kit/resolve/machine.ts'
import { type Check, missing, ok, orRefusal, warning } from './check.ts'

const NODE_FLOOR = 24
/** `git merge-tree --write-tree` came with it. */
const GIT_FLOOR = [2, 38] as const
const ASK_MS = 10_000

export function node(version = process.versions.node): Check {
  if (Number.parseInt(version, 10) >= NODE_FLOOR) return ok('node', version)
  return missing(
    'node',
    `Node.js ${version} is too old.`,
    `Run \`npm ci\` in the checkout: it brings Node ${NODE_FLOOR}; \`npx sluice\` uses it.`,
  )
}

export async function git({ env }: Machine): Promise<Check> {
  const { ok: answered, stdout } = await ran(['git', '--version'], { env, timeoutMs: ASK_MS })
  const [version, major = 0, minor = 0] = /(\d+)\.(\d+)[\d.]*/.exec(stdout) ?? []
  const mend = `Install git ${GIT_FLOOR.join('.')} or newer (Debian, Ubuntu: sudo apt-get install git).`
  if (!answered || !version) return missing('git', 'There is no git on PATH.', mend)
  const enough = Number(major) > GIT_FLOOR[0] || (Number(major) === GIT_FLOOR[0] && Number(minor) >= GIT_FLOOR[1])
  return enough ? ok('git', version) : missing('git', `git ${version} is too old.`, mend)
}

/** Only for the person's own repositories: the demo's carries an identity of its own. */
export async function identity({ env }: Machine): Promise<Check> {
  const setting = async (key: string) => (await ran(['git', 'config', key], { env, timeoutMs: ASK_MS })).stdout.trim()
  const name = env.GIT_AUTHOR_NAME || (await setting('user.name'))
  const email = env.GIT_AUTHOR_EMAIL || (await setting('user.email')) || env.EMAIL
  if (name && email) return ok('git identity', `${name} <${email}>`)
  return warning(
    'git identity',
    'git does not know who you are: stories on your own repositories cannot be committed.',
    'git config --global user.name "Your Name" && git config --global user.email you@example.org',
  )
}

export const broker = (machine: Machine): Promise<Check> =>
  orRefusal('broker', missing, async () => {
    const { path, version, source } = await resolveBroker(machine)
    return ok('broker', `nats-server ${version} (${source}: ${path})`)
  })

export async function jail(machine: Machine): Promise<Check> {
  const found = await resolveJail(machine)
  if (found.kind === 'seatbelt') return ok('jail', jailText(found))
  if (found.kind === 'bwrap') return ok('jail', `${jailText(found)} (${found.source}: ${found.path})`)
  return warning('jail', `${found.problem} Agents would run as you, with all you may do.`, found.mend)
}

export const browser = (machine: Machine): Promise<Check> =>
  orRefusal('browser', warning, async () => {
    const { path, source } = await resolveBrowser(machine)
    return ok('browser', `${path} (${source})`)
  })
