/** Small pieces that all parts of a trace share. */
import type { Occupant, Usage } from '@sluice/proto/parts.ts'
import type { Span } from '@sluice/proto/rest.ts'

/** A span, and what hangs under it, that belongs to a stage. */
export type Placed = { stage: string; span: Span; below: Span[] }

export const tokensOf = (usage: Usage): number =>
  usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.outputTokens

/** What costs nothing. */
export const free = { costUsd: 0, tokens: 0 }

/** Who worked, in a few words; the scripted model is never without its label. */
export const whoIs = ({ program, version, model, scripted }: Occupant): string =>
  [`${program} ${version}`, model, scripted && `scripted: ${scripted}`].filter(Boolean).join(', ')

export const millis = (instant: string): number => Date.parse(instant)
