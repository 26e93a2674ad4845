/** The process around the gateway: spend folded from RUN, then both doors until told to stop. */
import { once } from 'node:events'
import { join } from 'node:path'
import { serviceConfig } from '@sluice/kit/config.ts'
import { runService, type Service } from '@sluice/kit/service.ts'
import { publishSpent, readSpent, type Spent } from '@sluice/kit/spend.ts'
import { spentBefore } from './budget.ts'
import { startGateway } from './gateway.ts'
import { Own, upstreamOf } from './settings.ts'

export async function serveGateway({ bus, config, log, signal, dataDir }: Service): Promise<void> {
  const own = Own.parse(config.own)
  const { url: upstream, key } = upstreamOf(own, process.env)
  const spent = await spentBefore(costs(readSpent(bus)))
  await using gateway = await startGateway({
    upstream,
    key,
    // Read anew each time a run begins: a file of a few lines, and a secret that was taken back is dead at once.
    secrets: async () => Own.parse((await serviceConfig('llm-gateway', dataDir)).own).secrets,
    ...(own.prices ? { prices: own.prices } : {}),
    ledgerDir: join(dataDir, 'ledger'),
    port: own.port,
    log,
    spent,
    publishUsage: (said) => publishSpent(bus, said),
  })
  log.info({ url: gateway.url, upstream, key: key ? 'given' : 'none' }, 'ready')
  if (!signal.aborted) await once(signal, 'abort')
}

async function* costs(spent: AsyncIterable<Spent>) {
  for await (const { storyId, usage } of spent) yield { storyId, costUsd: usage.costUsd }
}

if (import.meta.main) await runService('llm-gateway', serveGateway)
