/** Lets who has just said something ask for what it changed: the answer waits until it was heard here, but not for ever. */
import type { EventId } from '@sluice/proto/event.ts'

const PATIENCE_MS = 3_000

export function heardSoon() {
  const awaited = new Map<EventId, PromiseWithResolvers<void>>()
  return {
    now: (event: EventId): void => awaited.get(event)?.resolve(),
    async soon(event: EventId, isHeard: () => boolean): Promise<void> {
      if (isHeard()) return
      const waiting = awaited.get(event) ?? Promise.withResolvers<void>()
      awaited.set(event, waiting)
      const late = setTimeout(waiting.resolve, PATIENCE_MS)
      await waiting.promise
      clearTimeout(late)
      awaited.delete(event)
    },
  }
}
