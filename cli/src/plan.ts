/** Looks at what a house is to be opened on, before anything is started: refuses here, in one sentence, or not at all. */
import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { ACK_WAIT_MS } from '@sluice/kit/broker.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { resolveBroker } from '@sluice/kit/resolve/broker.ts'
import { type Jail, jailText, resolveJail } from '@sluice/kit/resolve/jail.ts'
import { thisMachine } from '@sluice/kit/resolve/machine.ts'
import type { Found } from '@sluice/kit/resolve/tool.ts'
import { foreignBroker, ownBroker } from './bus-place.ts'
import type { Env } from './child-env.ts'
import type { HouseOptions } from './house.ts'
import { openKeyring } from './keyring.ts'
import { refuseStrangeRoles } from './named-roles.ts'
import { type JailMark, type OwnPlan, ownOf, type Project } from './own.ts'
import { choosePorts, portsFrom } from './ports.ts'
import { readOrNull, writePrivate } from './private-file.ts'
import { openReplicas } from './seats/replicas.ts'
import { openSeatBook } from './seats/seat-book.ts'
import { defaultSettings } from './settings.ts'

export type Plan = OwnPlan & {
  dir: string
  ackWaitMs: number
  busUrlFor(user: string): string
  ownOf(user: string): unknown
  /** Null where somebody else runs it. */
  broker: Found | null
  claim: Disposable | null
  only: readonly string[] | null
  /** Broker and services are run by something else. */
  elsewhere: boolean
}

export async function planHouse(options: HouseOptions): Promise<Plan> {
  const { dataDir: dir, settings = defaultSettings, env = process.env, scripted, say } = options
  const seats = openSeatBook(dir)
  refuseStrangeRoles(settings, seats)
  const keys = openKeyring(join(dir, 'keys.json'))
  const machine = { ...thisMachine(say), env }
  const foreign = foreignBroker(env)
  const brought = foreign || options.elsewhere ? null : resolveBroker(machine)
  const looking = [projectAt(options, env), brought, resolveJail(machine)] as const
  // Where one refuses the others are waited for: nothing goes on behind a refusal.
  await Promise.allSettled(looking)
  const [project, broker, jail] = await Promise.all(looking)
  const { ports, claim } = options.elsewhere
    ? { ports: portsFrom(options.elsewhere.firstPort), claim: null }
    : await choosePorts(join(machine.cache, 'ports'), options.port ?? settings.port)
  const bus = foreign ?? ownBroker(ports)
  const replicas = openReplicas(dir)
  // Said at the start, it holds until something else is said.
  if (options.implementers !== undefined) replicas.put('implementer', options.implementers)
  const plan: Plan = {
    ...{ dir, settings, env, ports, claim, keys, project, broker, replicas, seats },
    busUrlFor: options.busUrlFor ?? (() => bus.url),
    bus,
    ownOf: (user) => ownOf(plan, user),
    ackWaitMs: options.ackWaitMs ?? ACK_WAIT_MS,
    token: sessionToken(join(dir, 'token'), () => keys('session')),
    jail: markOf(jail),
    upstream: scripted ? { url: `http://127.0.0.1:${ports.model}`, key: 'scripted' } : (options.upstream ?? null),
    scripted: scripted?.label ?? null,
    demoStories: options.demoStories ?? null,
    only: options.only ?? null,
    elsewhere: options.elsewhere !== undefined,
  }
  return plan
}

async function projectAt({ repository: path, demo = false }: HouseOptions, env: Env): Promise<Project> {
  const repository = await openRepository(path, env)
  const base = await repository.defaultBase()
  await repository.requireIdentity()
  const { root } = repository
  return { ...{ id: projectId(root), name: nameOf(root), root, base, demo } }
}

const nameOf = (root: string): string => basename(root) || 'repository'

/** The same repository is the same project; two of one name are two. */
function projectId(root: string): string {
  const readable = nameOf(root)
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, 40)
  return `${readable}-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`
}

function markOf(jail: Jail): JailMark {
  if (jail.kind === 'bwrap') return { kind: 'bubblewrap', problem: null, held: jailText(jail) }
  if (jail.kind === 'seatbelt') return { kind: 'seatbelt', problem: null, held: jailText(jail) }
  return { kind: 'none', problem: `${jail.problem} ${jail.mend}` }
}

/** A file of its own: the command line reads it, no jail sees it. */
function sessionToken(file: string, make: () => string): string {
  const kept = readOrNull(file)?.trim()
  if (kept) return kept
  const token = make()
  writePrivate(file, token)
  return token
}
