/** Who is alive and how they do, by the NATS services API (ADR-32, `$SRV`): every service answers, whoever supervises asks by name. */
import { randomUUID } from 'node:crypto'
import type { NatsConnection } from '@nats-io/nats-core'
import { z } from 'zod'
import type { Bus } from './bus.ts'
import { Vitals } from './vitals.ts'

export type Answering = { name: string; version: string; replica: string; vitals: Vitals }

/** PING, INFO and STATS of this process, to all, to its name and to it alone. Costs nothing while nobody asks; ends with the connection. */
export function answerServices({ nc }: Bus, { name, version, replica, vitals }: Answering): void {
  const id = randomUUID().replaceAll('-', '')
  const [started, metadata] = [new Date().toISOString(), { replica, pid: String(process.pid) }]
  const about = (type: string) => ({ type: `io.nats.micro.v1.${type}_response`, name, id, version, metadata })
  // Requests come by a durable, which the API has no word for: what it knows as an endpoint is where we say how it goes.
  const endpoint = { name: 'vitals', subject: `$SRV.STATS.${name}` }
  const answers = {
    PING: () => about('ping'),
    INFO: () => ({ ...about('info'), description: `Sluice: ${name}`, endpoints: [endpoint] }),
    STATS: () => ({ ...about('stats'), started, endpoints: [{ ...endpoint, ...counted(vitals), data: vitals }] }),
  }
  for (const [verb, answer] of Object.entries(answers))
    for (const subject of [`$SRV.${verb}`, `$SRV.${verb}.${name}`, `$SRV.${verb}.${name}.${id}`])
      nc.subscribe(subject, { callback: (error, message) => void (error || message.respond(JSON.stringify(answer()))) })
}

/** What tools for the API show. */
const counted = ({ handled, lastError }: Vitals) => ({
  ...{ num_requests: handled, num_errors: 0, last_error: lastError ?? '' },
  ...{ processing_time: 0, average_processing_time: 0 },
})

const Stats = z.object({
  name: z.string(),
  version: z.string(),
  metadata: z.record(z.string(), z.string()).nullish(),
  endpoints: z.array(z.object({ data: z.unknown().optional() })).nullish(),
})

export type Alive = { name: string; version: string; replica: string; pid: number | null; vitals: Vitals | null }

/** Who does not answer by then hangs, or is too busy to be called well. */
const ANSWER_MS = 500

/**
 * Everybody of that name who is alive. Asked on the name's own subject, which the broker lets nobody else listen to: what
 * comes back is that user's word (`kit/src/permissions.ts`). Answered as soon as `expected` have answered.
 */
export async function askServices(nc: NatsConnection, name: string, expected = 1): Promise<Alive[]> {
  const options = { strategy: 'count', maxMessages: Math.max(1, expected), maxWait: ANSWER_MS } as const
  const found: Alive[] = []
  try {
    for await (const message of await nc.requestMany(`$SRV.STATS.${name}`, '', options)) {
      const alive = aliveOf(() => message.json(), name)
      if (alive) found.push(alive)
    }
  } catch {
    // Nobody of that name listens.
  }
  return found
}

function aliveOf(read: () => unknown, name: string): Alive | null {
  const stats = Stats.safeParse(jsonOrNull(read))
  if (!stats.success || stats.data.name !== name) return null
  const { version, metadata, endpoints } = stats.data
  const vitals = Vitals.safeParse(endpoints?.[0]?.data)
  const pid = Number(metadata?.pid)
  return {
    ...{ name, version, replica: metadata?.replica ?? '1' },
    pid: Number.isInteger(pid) && pid > 0 ? pid : null,
    vitals: vitals.success ? vitals.data : null,
  }
}

function jsonOrNull(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return null
  }
}
