/** Makes an event out of what somebody has to say: the same cause, source, type and n are the same event. */
import { hash } from 'node:crypto'
import type { Envelope, EventId, EventType } from '@sluice/proto/event.ts'
import type { z } from 'zod'

export type Saying<E extends EventType> = {
  type: E
  source: string
  projectId: string
  storyId?: string | undefined
  /** The event this one answers to; null for what begins with a person. */
  cause: EventId | null
  /** Tells apart several of one type with one cause. Whatever has no cause gives a key of its own. */
  n?: number | string
  data: z.infer<E['data']>
  now: Date
}

/** Rejects data that its own schema would refuse: what is wrong here would be parked everywhere else. */
export function record<E extends EventType>(saying: Saying<E>): Envelope & { data: z.infer<E['data']> } {
  const { type, source, projectId, storyId, cause, n = 0, now } = saying
  return {
    specversion: '1.0',
    id: idOf(cause, source, type.type, n, storyId ?? projectId),
    source,
    type: type.type,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    projectId,
    ...(storyId === undefined ? {} : { storyId }),
    causationId: cause,
    data: type.data.parse(saying.data) as z.infer<E['data']>,
  }
}

/** hash(cause, source, type, n), and whose it is, so that no two stories share an id. */
export function idOf(cause: EventId | null, source: string, type: string, n: number | string, whose: string): EventId {
  const text = JSON.stringify([cause, source, type, n, whose])
  return hash('sha256', text, 'base64url').slice(0, 22)
}
