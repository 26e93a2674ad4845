/** Memory as others see it: requests with a reply on the bus. A role that cannot ask it does without, and it is logged. */
import { EventId } from '@sluice/proto/event.ts'
import { MemoryEntryView, MemoryFile, MemoryHit, MemoryState } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import type { Bus } from './bus.ts'
import type { Log } from './log.ts'
import type { Memory } from './role.ts'

/** The subjects of the requests: roles may ask the first, `web` all three. */
export const MEMORY_SEARCH = 'memory.search'
export const MEMORY_SHOW = 'memory.show'
export const MEMORY_STATE = 'memory.state'

export const MemoryQuery = z.object({
  projectId: z.string(),
  /** Its first line is the headline: what is said there says most. */
  query: z.string(),
  limit: z.int().positive().max(50),
  /** Whether what was taken back is among the hits: for people, never for prompts. */
  reverted: z.boolean().default(false),
})
export type MemoryQuery = z.input<typeof MemoryQuery>
export const MemoryReply = z.object({ hits: z.array(MemoryHit), files: z.array(MemoryFile) })

/** `heard`: an event about this entry that must be in the answer; waited for, but not for ever. */
export const MemoryShow = z.object({ projectId: z.string(), entry: z.string(), heard: EventId.optional() })
export type MemoryShow = z.infer<typeof MemoryShow>
export const MemoryShown = z.object({ entry: MemoryEntryView.nullable() })

export const MemoryAbout = z.object({ projectId: z.string() })
export const MemoryStateReply = z.object({ state: MemoryState })

/** Where memory finds the repository whose history it reads: the `own` part of its file, written by `up`. */
export const MemoryOwn = z.object({ project: z.object({ id: z.string(), root: z.string(), base: z.string() }) })

const ANSWER_MS = 5_000

/** The memory of one project. A memory that is away is empty: work goes on without it. */
export function memoryClient(bus: Bus, { projectId, log }: { projectId: string; log: Log }): Memory {
  return {
    async search(query, { limit = 5 } = {}) {
      try {
        const asked = JSON.stringify({ projectId, query, limit } satisfies MemoryQuery)
        const reply = await bus.nc.request(MEMORY_SEARCH, asked, { timeout: ANSWER_MS })
        const { hits, files } = MemoryReply.parse(reply.json())
        return { lessons: hits, files: files.map(({ path }) => path) }
      } catch (error) {
        log.warn({ err: error }, 'memory did not answer: this run goes on without it')
        return { lessons: [], files: [] }
      }
    },
  }
}
