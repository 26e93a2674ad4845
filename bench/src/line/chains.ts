/** Whoever starts chains and sees them end: the driver of the raw chain, as `person.ts` is of the line. */
import type { Bus } from '@sluice/kit/bus.ts'
import { endFilter, sendHop } from './hops.ts'
import { type Many, openMany } from './many.ts'

export async function openChains(bus: Bus, padding: string): Promise<Many> {
  const many = openMany((chainId) => sendHop(bus, { chainId, n: 0, padding }))
  const consumer = await bus.js.consumers.get('STORY', { filter_subjects: endFilter })
  const messages = await consumer.consume({ max_messages: 500 })
  const listen = async () => {
    for await (const message of messages) many.ended(message.subject.split('.')[1] ?? '')
  }
  listen().catch(many.fail)
  return many
}
