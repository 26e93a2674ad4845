/** What stories spent on models, as the gateway says it on RUN: `run.llm-gateway.<storyId>.<runId>.usage`, one message a call. */
import { headers } from '@nats-io/nats-core'
import { Token } from '@sluice/proto/event.ts'
import { Usage } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import type { Bus } from './bus.ts'

export const Spent = z.object({
  /** Of the call; said twice, it is counted once while the server remembers it. */
  id: z.string().min(1),
  storyId: Token,
  runId: z.string(),
  role: Token,
  model: z.string(),
  usage: Usage,
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
export async function* readSpent(bus: Bus): AsyncGenerator<Spent> {
  const consumer = await bus.js.consumers.get('RUN', { filter_subjects: 'run.llm-gateway.>' })
  const { num_pending: pending } = await consumer.info()
  if (pending === 0) return
  const seen = new Set<string>()
  for await (const message of await consumer.consume({ max_messages: 500 })) {
    const spent = Spent.parse(message.json())
    if (!seen.has(spent.id)) yield spent
    seen.add(spent.id)
    if (message.info.pending === 0) return
  }
}
