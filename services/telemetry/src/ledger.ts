/** Every delivery to the collector stands in the ledger of what left, wherever the collector is. */
import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceConfig } from '@sluice/kit/config.ts'
import type { Log } from '@sluice/kit/log.ts'
import type { Sent } from '@sluice/kit/otlp/exporter.ts'

type Ledger = { gateway: ServiceConfig['gateway']; host: string; log: Log; signal: AbortSignal }

const AGAIN_MS = 1_000

/** Resolves when it is written down: nothing more is sent before. */
export function ledgerOf({ gateway, host, log, signal }: Ledger): (sent: Sent) => Promise<void> {
  return async ({ bytesOut, bytesIn, problem }) => {
    const body = JSON.stringify({ host, bytesOut, bytesIn, outcome: problem ? `failed: ${problem}` : 'taken' })
    const headers = { authorization: `Bearer ${gateway?.secret}`, 'content-type': 'application/json' }
    while (gateway && !signal.aborted) {
      const reply = await fetch(`${gateway.url}/ledger`, { method: 'POST', headers, body, signal }).catch(() => null)
      if (reply?.ok) return
      if (!signal.aborted) log.warn({ status: reply?.status ?? null }, 'the ledger does not answer: waiting for it')
      await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}
