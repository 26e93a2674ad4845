/** What each service is told beyond the bus: model and rights for roles, doors for the gateway, everything a page shows for web. */
import type { MemoryOwn } from '@sluice/kit/memory.ts'
import type { RoleOwn } from '@sluice/kit/role-own.ts'
import { roles } from '@sluice/kit/roles.ts'
import type { z } from 'zod'
import { artifactToken, busPassword, gatewaySecret } from './bus-files.ts'
import type { Env } from './child-env.ts'
import type { Keyring } from './keyring.ts'
import type { Ports } from './ports.ts'
import { npmRegistryOf, registryHosts } from './registries.ts'
import type { Settings } from './settings.ts'

export type Project = { id: string; name: string; root: string; base: string; demo: boolean }
export type JailMark = { kind: 'bubblewrap' | 'none'; problem: string | null }
export type DemoStories = { title: string; text: string }[]

export type OwnPlan = {
  ports: Ports
  keys: Keyring
  token: string
  settings: Settings
  env: Env
  project: Project
  jail: JailMark
  builds: number
  /** Given, its key is the only one that is used. */
  upstream: { url: string; key: string } | null
  /** What plays the model where none does. */
  scripted: string | null
  demoStories: DemoStories | null
}

/** What runs a model's conversation (kit/src/agents). */
export const ENGINE = 'anthropic'
export const ANTHROPIC = 'https://api.anthropic.com'

/** Where model calls go. */
export const upstreamUrl = ({ upstream, env }: Pick<OwnPlan, 'upstream' | 'env'>): string =>
  upstream?.url ?? (env.ANTHROPIC_BASE_URL || ANTHROPIC)

export function ownOf(plan: OwnPlan, user: string): unknown {
  if (user === 'web') return webOwn(plan)
  if (user === 'llm-gateway') return gatewayOwn(plan)
  if (user === 'memory') return memoryOwn(plan)
  return roles.some(({ name }) => name === user) ? roleOwn(plan) : undefined
}

function roleOwn({ settings, env }: OwnPlan): RoleOwn {
  const { model, effort, prices, egress, jail } = settings
  const registry = npmRegistryOf(env)
  return {
    ...{ model, egress: [...registryHosts(env), ...egress], readable: jail.readable },
    ...(effort && { effort }),
    ...(prices && { prices }),
    ...(registry && { registry }),
  }
}

function gatewayOwn({ ports, keys, settings, upstream }: OwnPlan) {
  const users = [...roles.map(({ name }) => name), 'web']
  return {
    port: ports.gateway,
    secrets: Object.fromEntries(users.map((user) => [user, gatewaySecret(keys, user)])),
    ...(upstream && { upstream }),
    ...(settings.prices && { prices: settings.prices }),
  }
}

/** The repository whose history it reads. */
const memoryOwn = ({ project: { id, root, base } }: OwnPlan): z.infer<typeof MemoryOwn> => ({
  project: { id, root, base },
})

function webOwn(plan: OwnPlan) {
  const { ports, keys, token, settings, project, jail, builds, scripted, demoStories } = plan
  return {
    ...{ port: ports.page, framesPort: ports.frames, token, project, jail, builds, demoStories },
    roleTokens: Object.fromEntries(roles.map(({ name }) => [artifactToken(keys, name), name])),
    engine: { name: ENGINE, model: settings.model, scripted, upstream: upstreamUrl(plan) },
    budgetUsd: settings.budget.usd,
    bus: { url: `ws://127.0.0.1:${ports.websocket}`, user: 'page', password: busPassword(keys, 'page') },
  }
}
