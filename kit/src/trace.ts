/** Trace and span ids from what is there already: a story is one trace, an event one span, a cause its parent. */
import { hash } from 'node:crypto'
import type { Envelope } from '@sluice/proto/event.ts'

const hex = (text: string, digits: number): string => hash('sha256', text).slice(0, digits)

/** 16 bytes, lower-case hex (W3C Trace Context, 3.2.2.3). */
export const traceIdOf = (event: Pick<Envelope, 'storyId' | 'projectId'>): string =>
  hex(event.storyId ?? event.projectId, 32)

/** 8 bytes, lower-case hex (W3C Trace Context, 3.2.2.4). */
export const spanIdOf = (eventId: string): string => hex(eventId, 16)

/** W3C Trace Context 1, `traceparent`: version 00, sampled. */
export const traceparentOf = (event: Pick<Envelope, 'id' | 'storyId' | 'projectId'>): string =>
  `00-${traceIdOf(event)}-${spanIdOf(event.id)}-01`
