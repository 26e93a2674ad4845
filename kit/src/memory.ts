/** Memory as roles see it: one request with a reply on the bus. Whoever cannot be asked is done without, and it is logged. */
import { MemoryHit } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import type { Bus } from './bus.ts'
import type { Log } from './log.ts'
import type { Memory } from './role.ts'

/** The subject of the request. */
export const MEMORY_SEARCH = 'memory.search'

export const MemoryQuery = z.object({ projectId: z.string(), query: z.string(), limit: z.int().positive().max(50) })
export type MemoryQuery = z.infer<typeof MemoryQuery>
export const MemoryReply = z.object({ hits: z.array(MemoryHit) })

const ANSWER_MS = 5_000

/** The memory of one project. A memory that is away is empty: work goes on without it. */
export function memoryClient(bus: Bus, { projectId, log }: { projectId: string; log: Log }): Memory {
  return {
    async search(query, { limit = 5 } = {}) {
      try {
        const asked = JSON.stringify({ projectId, query, limit } satisfies MemoryQuery)
        const reply = await bus.nc.request(MEMORY_SEARCH, asked, { timeout: ANSWER_MS })
        return MemoryReply.parse(reply.json()).hits
      } catch (error) {
        log.warn({ err: error }, 'memory did not answer: this run goes on without it')
        return []
      }
    },
  }
}
