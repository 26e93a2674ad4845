/** Parts of a whole, as people read them. */
import type { Usage } from '@sluice/proto/parts.ts'

/** Of all tokens sent, those that were read from the prompt cache; null where nothing was sent. */
export function cacheShare({ inputTokens, cacheReadTokens, cacheWriteTokens }: Usage): number | null {
  const sent = inputTokens + cacheReadTokens + cacheWriteTokens
  return sent === 0 ? null : cacheReadTokens / sent
}

export const percent = (part: number | null): string => (part === null ? '–' : `${Math.round(part * 100)} %`)

/** How near a budget is, in words beside the bar. */
export function nearness(spentUsd: number, budgetUsd: number): { part: number; word: string } {
  const part = budgetUsd > 0 ? spentUsd / budgetUsd : 1
  if (part >= 1) return { part, word: 'used up' }
  return { part, word: part >= 0.8 ? 'nearly used up' : '' }
}
