/** Money: what a call costs, and that its worst case is never less. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Price, priceOf, publicPrices, usageOf, worstCaseUsd } from './prices.ts'

const priced = (model: string): Price => priceOf(model) as Price

test('each kind of token has its own price', () => {
  const million = 1_000_000
  const usage = usageOf(
    {
      input_tokens: million,
      output_tokens: million,
      cache_read_input_tokens: million,
      cache_creation_input_tokens: 2 * million,
      cache_creation: { ephemeral_5m_input_tokens: million, ephemeral_1h_input_tokens: million },
    },
    priced('claude-opus-5-5'),
  )

  expect(usage.costUsd).toBeCloseTo(4 + 20 + 0.2 + 5 + 8)
  expect(usage.cacheWriteTokens).toBe(2 * million)
})

test('a long prompt makes haiku five times as dear', () => {
  const haiku = priced('claude-haiku-5-5')

  const short = usageOf({ input_tokens: 100_000, output_tokens: 0 }, haiku)
  const long = usageOf({ input_tokens: 60_000, cache_read_input_tokens: 40_001, output_tokens: 0 }, haiku)

  expect(short.costUsd).toBeCloseTo(0.01)
  expect(long.costUsd).toBeCloseTo(((60_000 * 0.1 + 40_001 * 0.01) * 5) / 1e6)
})

test('a dated model costs what the model costs, an unknown one has no price', () => {
  expect(priceOf('claude-haiku-4-5-20251001')).toBe(publicPrices['claude-haiku-4-5'])
  expect(priceOf('gpt-9')).toBeUndefined()
})

test('no call inside its bounds costs more than its worst case', () => {
  const tokens = fc.nat(400_000)
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(publicPrices)),
      tokens,
      tokens,
      tokens,
      tokens,
      tokens,
      (price, input, read, m5, h1, output) => {
        const cache_creation = { ephemeral_5m_input_tokens: m5, ephemeral_1h_input_tokens: h1 }
        const api = {
          input_tokens: input,
          output_tokens: output,
          cache_read_input_tokens: read,
          cache_creation_input_tokens: m5 + h1,
          cache_creation,
        }

        expect(usageOf(api, price).costUsd).toBeLessThanOrEqual(
          worstCaseUsd(input + read + m5 + h1, output, price) + 1e-9,
        )
      },
    ),
  )
})
