/** The demo's three stories, submitted when its board is still empty. */
import { Refusal } from '@sluice/kit/errors.ts'
import { Board, Problem } from '@sluice/proto/rest.ts'
import { demoStories } from '../demo-house.ts'
import type { House } from '../house.ts'

type Place = Pick<House, 'origin' | 'token'>

export async function firstStories(house: Place): Promise<void> {
  const { cards } = Board.parse(await ask(house, 'GET'))
  if (cards.length > 0) return
  // One after the other, so that the board lists them as the demo does; the key makes each one story however often it is sent.
  for (const [i, { text }] of demoStories().entries()) await ask(house, 'POST', { text }, `demo-story-${i + 1}`)
}

async function ask({ origin, token }: Place, method: string, body?: unknown, key?: string): Promise<unknown> {
  const reply = await fetch(`${origin}/api/stories`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(key && { 'idempotency-key': key }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const said: unknown = await reply.json().catch(() => null)
  if (reply.ok) return said
  const problem = Problem.safeParse(said)
  throw problem.success
    ? new Refusal(problem.data.error, problem.data.mend)
    : new Error(`${method} /api/stories was answered with ${reply.status}.`)
}
