/** The envelope: what every message on STORY looks like, whatever it says. */
import { z } from 'zod'

/** A token of a subject: NATS allows more, durables and KV keys do not. */
export const Token = z.string().regex(/^[A-Za-z0-9_-]{1,80}$/)
export const EventId = z.string().min(8).max(80)
export type EventId = z.infer<typeof EventId>
/** A moment, RFC 3339 in UTC. */
export const Instant = z.iso.datetime()
export type Instant = z.infer<typeof Instant>
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
/** W3C Trace Context 1, `traceparent`, version 00; all zeros are no id. */
export const Traceparent = z.string().regex(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/)
/** A git object id (SHA-1 or SHA-256 repositories). */
export const ObjectId = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)

/**
 * CloudEvents 1.0 attributes plus whose story it is and what caused it.
 * `id` = hash(cause, source, type, n): the same decision taken twice has the same id.
 */
export const Envelope = z.object({
  specversion: z.literal('1.0'),
  id: EventId,
  source: Token,
  type: z.string().regex(/^[a-z]+\.[a-z]+$/),
  time: Instant,
  datacontenttype: z.literal('application/json'),
  projectId: Token,
  storyId: Token.optional(),
  causationId: EventId.nullable(),
  data: z.unknown(),
})
export type Envelope = z.infer<typeof Envelope>

/** One kind of event: its type, who may say it, and the shape of its data. */
export type EventType<T extends string = string, S extends z.ZodType = z.ZodType> = {
  readonly type: T
  readonly aggregate: 'story' | 'project'
  /** The sources whose word counts; `seat` means every reviewer. Others are heard, not counted. */
  readonly from: readonly string[]
  readonly data: S
  readonly about: string
}

/** An event of one type, data parsed. */
export type EventOf<E extends EventType> =
  E extends EventType<infer T, infer S> ? Omit<Envelope, 'type' | 'data'> & { type: T; data: z.infer<S> } : never

/** `story.<storyId>.<noun>.<verb>.<source>` or `project.<projectId>.<noun>.<verb>.<source>`. */
export function subjectOf(event: Pick<Envelope, 'type' | 'source' | 'storyId' | 'projectId'>): string {
  const whose = event.storyId ? `story.${event.storyId}` : `project.${event.projectId}`
  return `${whose}.${event.type}.${event.source}`
}
