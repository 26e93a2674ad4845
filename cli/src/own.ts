/** What each service is told beyond the bus: model and rights for roles, doors for the gateway, everything a page shows for web. */
import { chosenOver } from '@sluice/kit/choice.ts'
import { engineNames } from '@sluice/kit/engines.ts'
import { mcpOf } from '@sluice/kit/mcp/config.ts'
import type { MemoryOwn } from '@sluice/kit/memory.ts'
import type { RoleOwn } from '@sluice/kit/role-own.ts'
import type { z } from 'zod'
import { type Env, hasKey } from './child-env.ts'
import type { Keyring } from './keyring.ts'
import type { Ports } from './ports.ts'
import { npmRegistryOf, registryHosts } from './registries.ts'
import type { Replicas } from './seats/replicas.ts'
import type { SeatBook } from './seats/seat-book.ts'
import { staffOf } from './seats/staff.ts'
import { artifactToken, busPassword, gatewaySecret } from './secrets.ts'
import type { Settings } from './settings.ts'

export type Project = { id: string; name: string; root: string; base: string; demo: boolean }
export type JailMark = { kind: 'bubblewrap' | 'seatbelt' | 'none'; problem: string | null; held?: string }
export type DemoStories = { title: string; text: string }[]

/** Where the broker is, for services and for the page; and what it lets anybody do who must not, if it is somebody else's. */
export type BusPlace = { url: string; websocket: string; foreign: boolean; problem: string | null }

export type OwnPlan = {
  bus: BusPlace
  ports: Ports
  keys: Keyring
  token: string
  settings: Settings
  env: Env
  project: Project
  jail: JailMark
  seats: SeatBook
  replicas: Replicas
  /** Given, its key is the only one that is used. */
  upstream: { url: string; key: string } | null
  /** What plays the model where none does. */
  scripted: string | null
  demoStories: DemoStories | null
}

export const ANTHROPIC = 'https://api.anthropic.com'

/** Where model calls go. */
export const upstreamUrl = ({ upstream, env }: Pick<OwnPlan, 'upstream' | 'env'>): string =>
  upstream?.url ?? (env.ANTHROPIC_BASE_URL || ANTHROPIC)

export function ownOf(plan: OwnPlan, user: string): unknown {
  if (user === 'web') return webOwn(plan)
  if (user === 'llm-gateway') return gatewayOwn(plan)
  if (user === 'memory') return memoryOwn(plan)
  return staffOf(plan.seats).some(({ name }) => name === user) ? roleOwn(plan, user) : undefined
}

function roleOwn(plan: OwnPlan, role: string): RoleOwn {
  const { prices, worktree, mcp, permissions, permissionSeconds, window } = plan.settings
  return {
    ...chosenOver(plan.settings, plan.settings.roles[role]),
    ...jailOwn(plan),
    copy: worktree.copy,
    mcp: mcpOf(mcp, role),
    ...{ engines: enginesOf(plan), permissions, permissionSeconds, idleTurns: plan.settings.loop.idleTurns },
    ...(prices && { prices }),
    ...(window && { window }),
  }
}

/** Where nothing is said, Claude Code goes by the gateway's key if it has one, else by the person's login. */
export function enginesOf({
  settings,
  env,
  upstream,
}: Pick<OwnPlan, 'env'> & { settings: Pick<Settings, 'engines'>; upstream?: OwnPlan['upstream'] }): RoleOwn['engines'] {
  const auth = upstream || hasKey(env) ? 'key' : 'login'
  const said = settings.engines['claude-code'] as object | undefined
  return { ...settings.engines, 'claude-code': { auth, ...said } }
}

/** What every jail may reach and read. */
function jailOwn({ settings: { egress, jail }, env }: OwnPlan) {
  const registry = npmRegistryOf(env)
  const { readable, services } = jail
  return { egress: [...registryHosts(env), ...egress], readable, services, ...(registry && { registry }) }
}

function gatewayOwn({ ports, keys, settings, upstream, seats }: OwnPlan) {
  const ours = staffOf(seats).filter(({ isOurs }) => isOurs)
  const users = [...ours.map(({ name }) => name), 'web', 'telemetry']
  return {
    port: ports.gateway,
    secrets: Object.fromEntries(users.map((user) => [user, gatewaySecret(keys, user)])),
    ...(upstream && { upstream }),
    ...(settings.prices && { prices: settings.prices }),
    ...{ rateLimit: settings.rateLimit, calls: settings.calls, sameCalls: settings.loop.sameCalls },
  }
}

/** As many builds at once as there is somebody to build, unless the person has set a number of their own. */
export const buildsOf = ({ settings, replicas }: Pick<OwnPlan, 'settings' | 'replicas'>): number =>
  settings.builds ?? Math.max(1, replicas.of('implementer'))

/** The repository whose history it reads. */
const memoryOwn = ({ project: { id, root, base } }: OwnPlan): z.infer<typeof MemoryOwn> => ({
  project: { id, root, base },
})

/** Who may come to artifacts. */
const readers = (seats: SeatBook): string[] => [...staffOf(seats).map(({ name }) => name), 'telemetry']

/** Keys that were not set are left out. */
function linesOf({ budget: { usd, soft, ...limits } }: Settings) {
  const set = Object.entries(limits).filter(([, value]) => value !== undefined)
  return { budgetUsd: usd, soft, limits: Object.fromEntries(set) }
}

function webOwn(plan: OwnPlan) {
  const { ports, keys, bus, token, settings, project, jail, scripted, demoStories, seats } = plan
  return {
    ...{ port: ports.page, framesPort: ports.frames, token, project, jail, builds: buildsOf(plan), demoStories },
    roleTokens: Object.fromEntries(readers(seats).map((name) => [artifactToken(keys, name), name])),
    engine: { name: settings.engine, model: settings.model, scripted, upstream: upstreamUrl(plan) },
    choice: { ...chosenOver(settings), roles: settings.roles },
    engines: engineNames(settings.engines),
    agents: enginesOf(plan),
    priced: Object.keys(settings.prices ?? {}),
    preview: jailOwn(plan),
    ...linesOf(settings),
    ...(settings.editor && { editor: settings.editor }),
    ...{
      copy: settings.worktree.copy,
      worktree: { keepDays: settings.worktree.keep, archiveMb: settings.worktree.archiveMb },
    },
    bus: { url: bus.websocket, user: 'page', password: busPassword(keys, 'page'), problem: bus.problem },
  }
}
