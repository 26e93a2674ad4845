/** What a person says to a run while it is at work: on `ctl.<source>.<storyId>.<runId>`, answered once it was heard. */
import { z } from 'zod'
import { EventId } from './event.ts'
import { Artifact, MOST_WORDS } from './parts.ts'

/**
 * `steer` words for the agent, heard before its next turn · `interrupt` the turn in flight ends, the session stays · `pause` the run is
 * parked after what it is doing now, with `now` in the middle of it · `keys` typed into its terminal · `decide` the answer to a permission it asked for.
 */
export const Said = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('steer'),
    /** The event that says so: said twice, it is heard once. */
    id: EventId.optional(),
    text: z.string().min(1).max(MOST_WORDS),
    attachments: z.array(Artifact).optional(),
  }),
  z.object({ do: z.literal('interrupt') }),
  z.object({
    do: z.literal('pause'),
    now: z.boolean().optional(),
    why: z.enum(['paused', 'stopped', 'taken']).optional(),
  }),
  z.object({ do: z.literal('keys'), data: z.string().min(1).max(4_096) }),
  z.object({
    do: z.literal('decide'),
    permission: z.string().min(1),
    allow: z.boolean(),
    reason: z.string().optional(),
  }),
])
export type Said = z.infer<typeof Said>

/** `refused` is a sentence for the person: this engine has no such thing, or nobody is at work there. */
export const Heard = z.union([z.object({ heard: z.literal(true) }), z.object({ refused: z.string().min(1) })])
export type Heard = z.infer<typeof Heard>
