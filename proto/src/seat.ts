/** A reviewer's seat: who sits there, how a reviewer from elsewhere reaches it, and what it says over REST. */
import { z } from 'zod'
import { Envelope, EventId, Instant, Token } from './event.ts'
import { Finding, Occupant, Usage } from './parts.ts'

/** Who may sit in a seat: a reviewer of Sluice's own, a command it keeps running, or a program the person runs. */
export const Sitting = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('builtin'), program: Token }),
  z.object({ kind: z.literal('command'), command: z.array(z.string().min(1)).min(1), directory: z.string() }),
  z.object({ kind: z.literal('external') }),
])
export type Sitting = z.infer<typeof Sitting>

/** `<data>/seats/<seat>.json`, 0600: all that a reviewer needs to take its seat, on the bus or over REST. */
export const SeatFile = z.object({
  seat: Token,
  bus: z.object({
    url: z.string(),
    user: z.string(),
    password: z.string(),
    /** Prefix of every inbox this user may listen on: `_INBOX_<seat>`. */
    inboxPrefix: z.string(),
    stream: z.literal('STORY'),
    /** The durable pull consumer to bind to. */
    consumer: z.string(),
    ackWaitMs: z.int().positive(),
  }),
  rest: z.object({ url: z.string(), token: z.string() }),
})
export type SeatFile = z.infer<typeof SeatFile>

/** What a reviewer over REST was given: the request it is to answer, and for how long it has it. */
export const Taken = z.object({
  /** Names this take in every later call. */
  take: z.string(),
  attempt: z.int(),
  request: Envelope,
  deadline: Instant,
  /** Without a sign of life for this long the request goes to the next who asks. Seconds. */
  aliveWithinSeconds: z.number().positive(),
})
export type Taken = z.infer<typeof Taken>

/** A file that the change touched; lines as git counts them, none of binary files. */
export const ChangedFile = z.object({
  path: z.string(),
  oldPath: z.string().optional(),
  status: z.enum(['added', 'deleted', 'modified', 'renamed', 'copied', 'type-changed']),
  additions: z.int(),
  deletions: z.int(),
  binary: z.boolean(),
})
export type ChangedFile = z.infer<typeof ChangedFile>

/** A verdict as a reviewer over REST sends it: seat, commit, ids and attempt are filled in from the take. */
export const SentVerdict = z.object({
  verdict: z.enum(['approve', 'reject']),
  summary: z.string().min(1),
  findings: z.array(Finding.omit({ id: true, seat: true, personOnly: true })).max(50),
  /** Of every finding of this seat in `earlier` of the request: does it still stand? */
  earlier: z.array(z.object({ findingId: z.string(), resolved: z.boolean(), note: z.string() })).default([]),
  occupant: Occupant,
  usage: Usage.optional(),
})
export type SentVerdict = z.infer<typeof SentVerdict>

/** 200 of a verdict: the event it became. */
export const Judgement = z.object({ event: EventId })
export type Judgement = z.infer<typeof Judgement>
