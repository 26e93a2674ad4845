/** Which key goes where. */
import { expect, test } from 'vitest'
import { Own, upstreamOf } from './settings.ts'

const secrets = { analyst: 'a'.repeat(32) }

test("the person's key goes to Anthropic, or where they say", () => {
  const own = Own.parse({ secrets })

  expect(upstreamOf(own, { ANTHROPIC_API_KEY: 'k' })).toEqual({
    url: 'https://api.anthropic.com',
    key: { apiKey: 'k' },
  })
  expect(upstreamOf(own, { ANTHROPIC_AUTH_TOKEN: 't', ANTHROPIC_BASE_URL: 'http://h' })).toEqual({
    url: 'http://h',
    key: { authToken: 't' },
  })
  expect(upstreamOf(own, { ANTHROPIC_API_KEY: '' }).key).toBeNull()
})

test('a scripted model gets no real key', () => {
  const own = Own.parse({ secrets, upstream: { url: 'http://127.0.0.1:1', key: 'scripted' } })

  expect(upstreamOf(own, { ANTHROPIC_API_KEY: 'real', ANTHROPIC_BASE_URL: 'http://h' })).toEqual({
    url: 'http://127.0.0.1:1',
    key: { apiKey: 'scripted' },
  })
})
