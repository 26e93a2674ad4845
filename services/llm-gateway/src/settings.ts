/** What the gateway is told at its start: upstream, key, port, who may speak to it. Read once, from one object. */
import { Prices } from '@sluice/kit/prices.ts'
import { z } from 'zod'
import type { Key } from './upstream.ts'

export const ANTHROPIC = 'https://api.anthropic.com'

/** What becomes of a call that would wait for longer than it may: parked and woken by itself, parked for a person, or failed. */
export const RateLimitPolicy = z.enum(['wait', 'ask', 'fail'])
export type RateLimitPolicy = z.infer<typeof RateLimitPolicy>

/** Same calls of a tool in a row before the run is parked and the person asked. */
export const SAME_CALLS = 5

/** The `own` part of the service's file, written by `up`. */
export const Own = z.object({
  port: z.int().nonnegative().default(0),
  /** Bus users and their secrets. */
  secrets: z.record(z.string(), z.string().min(16)),
  /** Given, it is used with this key alone, whatever keys the environment holds: the scripted model gets no real one. */
  upstream: z.object({ url: z.url(), key: z.string().min(1) }).optional(),
  prices: Prices.optional(),
  /** `seconds` is the longest a call waits in the gateway. */
  rateLimit: z
    .object({ policy: RateLimitPolicy.default('wait'), seconds: z.number().nonnegative().max(60).default(60) })
    .prefault({}),
  /** Calls under way at once. */
  calls: z.int().positive().default(8),
  sameCalls: z.int().min(2).default(SAME_CALLS),
})
export type Own = z.infer<typeof Own>

/** An empty variable is none. */
export function upstreamOf(
  { upstream }: Own,
  env: Readonly<Record<string, string | undefined>>,
): { url: string; key: Key } {
  if (upstream) return { url: upstream.url, key: { apiKey: upstream.key } }
  return { url: env.ANTHROPIC_BASE_URL || ANTHROPIC, key: keyIn(env) }
}

function keyIn(env: Readonly<Record<string, string | undefined>>): Key {
  if (env.ANTHROPIC_API_KEY) return { apiKey: env.ANTHROPIC_API_KEY }
  return env.ANTHROPIC_AUTH_TOKEN ? { authToken: env.ANTHROPIC_AUTH_TOKEN } : null
}
