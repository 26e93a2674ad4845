/** A process of the raw chain: eight durable pull consumers, as many messages at once as come. */
import { connectBus } from '@sluice/kit/bus.ts'
import { durableOf } from '@sluice/kit/permissions.ts'
import type { Envelope } from '@sluice/proto/event.ts'
import { beChild } from '../child.ts'
import { hops, sendHop } from './hops.ts'

/** What a pull consumer keeps asked for; the client asks anew when half of it has come. */
const PREFETCH = 256

await beChild<{ url: string }>(async ({ url }) => {
  const bus = await connectBus({ url, user: 'supervisor', password: 'supervisor' })
  hops.forEach((hop, i) => void take(hop.name, i + 1))
  return {}

  async function take(name: string, next: number): Promise<void> {
    const consumer = await bus.js.consumers.get('STORY', durableOf(name))
    for await (const message of await consumer.consume({ max_messages: PREFETCH })) {
      const { storyId = '', data } = message.json<Envelope>()
      void sendHop(bus, { chainId: storyId, n: next, padding: String(data) }).then(() => message.ack())
    }
  }
})
