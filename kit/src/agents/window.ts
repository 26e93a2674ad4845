/** How much a model can read, and from where on a conversation is begun anew with a summary. */

/** Of those whose window is not a million tokens; a list of models says it too, and is believed before this. */
const SMALLER: readonly [RegExp, number][] = [[/haiku-4|sonnet-4|opus-4-[0-5]|claude-3/, 200_000]]
const WINDOW_TOKENS = 1_000_000
const SHARE = 0.8
/** Longer ones are read worse and cost more each turn than what a summary costs once. */
const LONGEST_TOKENS = 400_000

export const windowOf = (model: string): number => SMALLER.find(([name]) => name.test(model))?.[1] ?? WINDOW_TOKENS

/** There must be room for one more reply, and for the summary itself. */
export function compactAt({ contextTokens, maxTokens }: { contextTokens: number; maxTokens: number }): number {
  const room = contextTokens - 2 * maxTokens
  return Math.max(Math.round(contextTokens / 4), Math.min(contextTokens * SHARE, LONGEST_TOKENS, room))
}
