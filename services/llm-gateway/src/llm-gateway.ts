/** The process around the gateway: spend folded from RUN, then both doors until told to stop. */
import { once } from 'node:events'
import { serviceConfig } from '@sluice/kit/config.ts'
import { runService, type Service } from '@sluice/kit/service.ts'
import { publishSpent, readSpent } from '@sluice/kit/spend.ts'
import { amountOf } from './books.ts'
import { dayOf } from './day.ts'
import { type GatewayConfig, startGateway } from './gateway.ts'
import { Own, upstreamOf } from './settings.ts'

export async function serveGateway(
  { bus, config, log, signal, dataDir }: Service,
  more: Pick<GatewayConfig, 'onStep'> = {},
): Promise<void> {
  const own = Own.parse(config.own)
  const { url: upstream, key } = upstreamOf(own, process.env)
  const { port, rateLimit, calls, sameCalls } = own
  await using gateway = await startGateway({
    ...{ upstream, key, port, rateLimit, calls, sameCalls, dataDir, log, ...more },
    // Read anew each time a run begins: a file of a few lines, and a secret that was taken back is dead at once.
    secrets: async () => Own.parse((await serviceConfig('llm-gateway', dataDir)).own).secrets,
    ...(own.prices ? { prices: own.prices } : {}),
    spent: await spentOnRun(bus),
    publishUsage: (said) => publishSpent(bus, said),
  })
  log.info({ url: gateway.url, upstream, key: key ? 'given' : 'none' }, 'ready')
  if (!signal.aborted) await once(signal, 'abort')
}

/** Few fields of each call: of many stories there are many. */
async function spentOnRun(bus: Service['bus']) {
  const spent = []
  for await (const { id, storyId, role, at, usage } of readSpent(bus))
    spent.push({ id, storyId, role, day: dayOf(at), cost: amountOf(usage) })
  return spent
}

if (import.meta.main) await runService('llm-gateway', (service) => serveGateway(service))
