/** Says which stories' runs have written something, without what they wrote. */
import { DeliverPolicy } from '@nats-io/jetstream'
import type { Bus } from './bus.ts'
import type { Log } from './log.ts'

export type RunMoves = { bus: Bus; log: Log; signal: AbortSignal; onMove(storyId: string): void }

const AGAIN_MS = 500

/** From now on, until `signal` aborts; what was written while the broker was away is told of when it is back. */
export async function followRuns({ bus, log, signal, onMove }: RunMoves): Promise<void> {
  let next: number | null = null
  while (!signal.aborted) {
    try {
      const consumer = await bus.js.consumers.get('RUN', {
        headers_only: true,
        ...(next === null
          ? { deliver_policy: DeliverPolicy.New }
          : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: next }),
      })
      const messages = await consumer.consume({ max_messages: 500 })
      const stop = () => void messages.close()
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      for await (const { subject, seq } of messages) {
        next = seq + 1
        // run.<source>.<storyId>.<runId>.<n>
        const storyId = subject.split('.')[2]
        if (storyId) onMove(storyId)
      }
      signal.removeEventListener('abort', stop)
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error }, 'the runs are away')
    }
    if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}
