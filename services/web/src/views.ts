/** What is asked of others and shown: services and how busy they are, the ledger. Who is away is said to be away. */
import { type Bus, jetstreamManager } from '@sluice/kit/bus.ts'
import type { ServiceConfig } from '@sluice/kit/config.ts'
import { durableOf } from '@sluice/kit/permissions.ts'
import { LedgerEntry, LimiterView, type ServiceView } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import { refuse } from './refused.ts'
import { askSupervisor, Supervised } from './supervisor.ts'

const ANSWER_MS = 1_000
/** Everybody is asked who is alive, and who hangs is waited for a while. */
const LOOK_MS = 3_000

/** What the supervisor says runs, with the requests that wait for each role. */
export async function servicesView(bus: Bus): Promise<ServiceView[]> {
  const asking = { subject: 'command.services', asked: null, reply: Supervised, timeout: LOOK_MS }
  const { services } = await askSupervisor(bus, asking)
  const names = [...new Set(services.map(({ name }) => name))]
  const pending = new Map(await Promise.all(names.map(async (name) => [name, await pendingOf(bus, name)] as const)))
  return services.map((service) => ({ ...service, pending: service.pending ?? pending.get(service.name) ?? null }))
}

/** Null for services that take no requests. */
async function pendingOf(bus: Bus, role: string): Promise<number | null> {
  const jsm = await jetstreamManager(bus.nc, { checkAPI: false, timeout: ANSWER_MS })
  return jsm.consumers.info('STORY', durableOf(role)).then(
    ({ num_pending, num_ack_pending }) => num_pending + num_ack_pending,
    () => null,
  )
}

export async function ledgerView(gateway: ServiceConfig['gateway'], storyId?: string): Promise<LedgerEntry[]> {
  const query = storyId ? `?${new URLSearchParams({ storyId })}` : ''
  return (await fromGateway(gateway, `/ledger${query}`, z.array(LedgerEntry))) ?? refuseLedger()
}

export const limitsView = async (gateway: ServiceConfig['gateway']): Promise<LimiterView> =>
  (await fromGateway(gateway, '/limits', LimiterView)) ??
  refuse(503, 'What is held cannot be told: the gateway does not answer.', AGAIN)

/** Null when it does not answer. */
async function fromGateway<S extends z.ZodType>(
  gateway: ServiceConfig['gateway'],
  path: string,
  answer: S,
): Promise<z.infer<S> | null> {
  if (!gateway) return null
  const headers = { authorization: `Bearer ${gateway.secret}` }
  const reply = await fetch(`${gateway.url}${path}`, { headers, signal: AbortSignal.timeout(5_000) }).catch(() => null)
  return reply?.ok ? answer.parse(await reply.json()) : null
}

const AGAIN = 'Look at `sluice services`; ask again later.'
const refuseLedger = (): never => refuse(503, 'The ledger cannot be read: the gateway does not answer.', AGAIN)
