/** What a running agent's terminal shows, on `term.<source>.<storyId>.<runId>`: said once, stored nowhere. */
import { z } from 'zod'
import { Instant } from './event.ts'

export const TermFrame = z.object({
  at: Instant,
  /** Counts the frames of one shell from 1: who misses one asks for the screen. */
  n: z.int(),
  cols: z.int().positive(),
  rows: z.int().positive(),
  /** Text for a terminal. */
  data: z.string(),
  /** All of the screen as it is after frame `n`, for a terminal that has shown nothing yet. */
  screen: z.literal(true).optional(),
  /** The shell has ended: no frame follows. */
  ended: z.literal(true).optional(),
})
export type TermFrame = z.infer<typeof TermFrame>

export const termSubject = (source: string, storyId: string, runId: string): string =>
  `term.${source}.${storyId}.${runId}`

/** GET /api/stories/:id/terminal, an event stream: each frame with the run it is of. */
export const TermEvent = z.object({ source: z.string(), runId: z.string(), frame: TermFrame })
export type TermEvent = z.infer<typeof TermEvent>
