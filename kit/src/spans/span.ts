/** Small pieces that all parts of a trace share. */
import { subjectOf } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import type { Occupant, Usage } from '@sluice/proto/parts.ts'
import type { Span } from '@sluice/proto/rest.ts'

/** A span, and what hangs under it, that belongs to a stage. */
export type Placed = { stage: string; span: Span; below: Span[] }

export const tokensOf = (usage: Usage): number =>
  usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.outputTokens

export type Attributes = NonNullable<Span['attributes']>

/** Tokens and money of one or more calls (semantic conventions for generative AI; what was read from the cache is input too). */
export const usageAttributes = (usage: Usage): Attributes => ({
  'gen_ai.usage.input_tokens': usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
  'gen_ai.usage.output_tokens': usage.outputTokens,
  'gen_ai.usage.cache_read.input_tokens': usage.cacheReadTokens,
  'gen_ai.usage.cache_creation.input_tokens': usage.cacheWriteTokens,
  'sluice.cost_usd': usage.costUsd,
})

/** What a message is on the bus (semantic conventions for messaging). */
export const messageAttributes = (event: Event): Attributes => ({
  'messaging.system': 'nats',
  'messaging.destination.name': subjectOf(event),
  'messaging.destination.template': subjectOf({ ...event, storyId: '{storyId}' }),
  'messaging.message.id': event.id,
  'messaging.message.conversation_id': event.storyId ?? event.projectId,
})

/** What costs nothing. */
export const free = { costUsd: 0, tokens: 0 }

/** Who worked, in a few words; the scripted model is never without its label. */
export const whoIs = ({ program, version, model, scripted }: Occupant): string =>
  [`${program} ${version}`, model, scripted && `scripted: ${scripted}`].filter(Boolean).join(', ')

export const millis = (instant: string): number => Date.parse(instant)
