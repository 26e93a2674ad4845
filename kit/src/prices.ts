/** What tokens cost: a dated table, because neither the API nor its SDK says. */
import type { Usage } from '@sluice/proto/parts.ts'
import { z } from 'zod'

/** US dollars per million tokens; none of the five follows from another. */
export const Price = z.object({
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cacheRead: z.number().nonnegative(),
  cacheWrite5m: z.number().nonnegative(),
  cacheWrite1h: z.number().nonnegative(),
  /** A prompt of more tokens than this costs `times` as much, answer included. */
  longPrompt: z.object({ tokens: z.int().positive(), times: z.number().positive() }).optional(),
})
export type Price = z.infer<typeof Price>

/** By model id. */
export const Prices = z.record(z.string(), Price)
export type Prices = Readonly<z.infer<typeof Prices>>

const price = (
  input: number,
  output: number,
  cacheRead: number,
  cacheWrite5m: number,
  cacheWrite1h: number,
): Price => ({
  input,
  output,
  cacheRead,
  cacheWrite5m,
  cacheWrite1h,
})

/** The day this table was compared with Anthropic's public price page. */
export const pricesAsOf = '2026-11-22'

export const publicPrices: Prices = {
  'claude-opus-5-5': price(4, 20, 0.2, 5, 8),
  'claude-sonnet-5-5': price(2, 10, 0.1, 2.5, 4),
  'claude-haiku-5-5': { ...price(0.1, 0.5, 0.01, 0.125, 0.2), longPrompt: { tokens: 100_000, times: 5 } },
  'claude-fable-5-2': price(8, 40, 0.2, 10, 16),
  'claude-mythos-5-2': price(8, 40, 0.2, 10, 16),
  'claude-opus-5': price(5, 25, 0.5, 6.25, 10),
  'claude-sonnet-5': price(2, 10, 0.2, 2.5, 4),
  'claude-haiku-4-5': price(1, 5, 0.1, 1.25, 2),
}

/** The price of a model, the person's own before the public one; an id that ends in a date is the model without it. */
export function priceOf(model: string, own: Prices = {}): Price | undefined {
  const undated = model.replace(/-\d{8}$/, '')
  return own[model] ?? own[undated] ?? publicPrices[model] ?? publicPrices[undated]
}

/** The usage block of the Messages API, as far as it costs money. */
export type ApiUsage = {
  input_tokens?: number | null
  output_tokens?: number | null
  cache_read_input_tokens?: number | null
  cache_creation_input_tokens?: number | null
  cache_creation?: {
    ephemeral_5m_input_tokens?: number | null
    ephemeral_1h_input_tokens?: number | null
  } | null
}

/** Tokens and dollars of one call; without a price it costs nothing, so ask `priceOf` first where that matters. */
export function usageOf(api: ApiUsage, price: Price | undefined): Usage {
  const written = api.cache_creation_input_tokens ?? 0
  const tokens = {
    inputTokens: api.input_tokens ?? 0,
    cacheReadTokens: api.cache_read_input_tokens ?? 0,
    cacheWriteTokens: written,
    outputTokens: api.output_tokens ?? 0,
  }
  if (!price) return { ...tokens, costUsd: 0 }

  const hour = Math.min(written, api.cache_creation?.ephemeral_1h_input_tokens ?? 0)
  const perMillion =
    tokens.inputTokens * price.input +
    tokens.cacheReadTokens * price.cacheRead +
    (written - hour) * price.cacheWrite5m +
    hour * price.cacheWrite1h +
    tokens.outputTokens * price.output
  const prompt = tokens.inputTokens + tokens.cacheReadTokens + written
  return { ...tokens, costUsd: (perMillion * timesFor(prompt, price)) / 1e6 }
}

/** What the call costs at most: every prompt token at the dearest way in, every token it may answer. */
export function worstCaseUsd(promptTokens: number, maxTokens: number, price: Price): number {
  const dearest = Math.max(price.input, price.cacheRead, price.cacheWrite5m, price.cacheWrite1h)
  return ((promptTokens * dearest + maxTokens * price.output) * timesFor(promptTokens, price)) / 1e6
}

const timesFor = (promptTokens: number, { longPrompt }: Price): number =>
  longPrompt && promptTokens > longPrompt.tokens ? longPrompt.times : 1
