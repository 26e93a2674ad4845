/** What stories spent on models, as the gateway says it on RUN: `run.llm-gateway.<storyId>.<runId>.usage`, one message a call. */
import { headers } from '@nats-io/nats-core'
import { Instant, Token } from '@sluice/proto/event.ts'
import { addUsage, noUsage, Usage } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import type { Bus } from './bus.ts'
import { liveMessages } from './runs.ts'

export const Spent = z.object({
  /** Of the call, by the key it was asked under; said twice, it is counted once. */
  id: z.string().min(1),
  storyId: Token,
  runId: z.string(),
  role: Token,
  model: z.string(),
  usage: Usage,
  /** When the call ended; which process of its role asked. */
  at: Instant.optional(),
  replica: z.string().optional(),
  /** It was cut before it had said what it cost: this is the most it can have been. */
  estimated: z.boolean().optional(),
  /** Paid by a plan, not in dollars. */
  login: z.boolean().optional(),
})
export type Spent = z.infer<typeof Spent>

/** Resolves when the stream has it. */
export async function publishSpent(bus: Bus, spent: Spent): Promise<void> {
  const head = headers()
  head.set('Nats-Msg-Id', spent.id)
  const subject = `run.${bus.source}.${spent.storyId}.${spent.runId}.usage`
  await bus.js.publish(subject, JSON.stringify(spent), { headers: head })
}

/** All that was said until now, each call once. */
export async function* readSpent(bus: Bus): AsyncGenerator<Spent & { at: string }> {
  const consumer = await bus.js.consumers.get('RUN', { filter_subjects: 'run.llm-gateway.>' })
  const { num_pending: pending } = await consumer.info()
  if (pending === 0) return
  const seen = new Set<string>()
  for await (const message of await consumer.consume({ max_messages: 500 })) {
    const spent = Spent.parse(message.json())
    // Said without a time of its own, it was said when the stream took it.
    if (!seen.has(spent.id))
      yield { ...spent, at: spent.at ?? new Date(message.info.timestampNanos / 1e6).toISOString() }
    seen.add(spent.id)
    if (message.info.pending === 0) return
  }
}

/** What one role has spent on one request until now: all seats of a review work on the same. */
export async function spentOn(bus: Bus, run: { storyId: string; request: string; role: string }): Promise<Usage> {
  const told = await liveMessages(bus, `run.llm-gateway.${run.storyId}.${run.request}.usage`)
  const own = told.map(({ body }) => Spent.parse(body)).filter(({ role }) => role === run.role)
  const calls = new Map(own.map(({ id, usage }) => [id, usage]))
  return [...calls.values()].reduce(addUsage, noUsage)
}
