/** What is known of models by their names, where no list of models says more. */
import { expect, test } from 'vitest'
import { compactAt, thinkingOf, windowOf } from './abilities.ts'

test.each([
  ['claude-opus-5-5', 1_000_000, true],
  ['claude-haiku-5-5', 1_000_000, true],
  ['claude-sonnet-4-6', 200_000, true],
  ['claude-opus-4-5-20251101', 200_000, false],
  ['claude-haiku-4-5', 200_000, false],
  ['claude-sonnet-4-5', 200_000, false],
])('%s reads %i tokens; thinks in its own measure: %s', (model, tokens, adaptive) => {
  expect(windowOf(model)).toBe(tokens)
  expect('thinking' in thinkingOf(model)).toBe(adaptive)
})

test('a conversation is begun anew while there is room for a reply and for the summary', () => {
  expect(compactAt({ tokens: 200_000, maxTokens: 16_000 })).toBe(160_000)
  expect(compactAt({ tokens: 200_000, maxTokens: 64_000 })).toBe(72_000)
  expect(compactAt({ tokens: 1_000_000, maxTokens: 16_000 })).toBe(400_000)
  expect(compactAt({ tokens: 1_000_000, maxTokens: 16_000, share: 0.9 })).toBe(900_000)
})
