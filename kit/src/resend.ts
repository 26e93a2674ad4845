/** Says a stored message of STORY again, byte for byte, under the subject it had: for what was parked. */
import { DeliverPolicy } from '@nats-io/jetstream'
import type { Bus } from './bus.ts'

/** The sequence of the repetition; null when there is no such message. The broker refuses what this user may not say. */
export async function resend(bus: Bus, sequence: number): Promise<number | null> {
  const consumer = await bus.js.consumers.get('STORY', {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: sequence,
  })
  const message = await consumer.next({ expires: 2_000 })
  if (message?.seq !== sequence) return null
  // Without its id: the broker would take it for the message it has.
  return (await bus.js.publish(message.subject, message.data)).seq
}
