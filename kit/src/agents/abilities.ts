/** What a model can do that changes how it is asked: how much it reads, and how it thinks. */
import type Anthropic from '@anthropic-ai/sdk'

/** Of those whose window is not a million tokens; a list of models says it too, and is believed before this. */
const SMALLER: readonly [RegExp, number][] = [[/haiku-4|sonnet-4|opus-4|claude-3/, 200_000]]
const WINDOW_TOKENS = 1_000_000
const SHARE = 0.8
/** Longer ones are read worse and cost more each turn than what a summary costs once. */
const LONGEST_TOKENS = 400_000

export const windowOf = (model: string): number => SMALLER.find(([name]) => name.test(model))?.[1] ?? WINDOW_TOKENS

/** There must be room for one more reply, and for the summary itself. A share that the person named is not bounded otherwise. */
export function compactAt({ tokens, maxTokens, share }: { tokens: number; maxTokens: number; share?: number }): number {
  const room = tokens - 2 * maxTokens
  const wanted = share === undefined ? Math.min(tokens * SHARE, LONGEST_TOKENS) : tokens * share
  return Math.round(Math.max(tokens / 10, Math.min(wanted, room)))
}

/** Models before these know no thinking of their own measure, and answer a request for it with 400. */
const BEFORE_ADAPTIVE = /claude-3|haiku-4|sonnet-4(?!-6)|opus-4(?!-[6-9])/

/** Left alone, newer models put what they say between calls into thinking that arrives empty: so a summary is asked for. */
export const thinkingOf = (model: string): { thinking?: Anthropic.ThinkingConfigParam } =>
  BEFORE_ADAPTIVE.test(model) ? {} : { thinking: { type: 'adaptive', display: 'summarized' } }
