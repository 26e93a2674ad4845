/** What is said to a running agent: for now, to stop. Not stored: the lease says it to whoever was not listening. */
import type { Bus } from './bus.ts'

const subjectFor = (source: string, storyId: string, runId: string) => `ctl.${source}.${storyId}.${runId}`

export function sayCancel(bus: Bus, to: { source: string; storyId: string; runId: string }): void {
  bus.nc.publish(subjectFor(to.source, to.storyId, to.runId), JSON.stringify({ do: 'cancel' }))
}

/** Calls `cancelled` when this run is told to stop. Disposing ends the subscription. */
export function onCancel(bus: Bus, run: { storyId: string; runId: string }, cancelled: () => void): Disposable {
  const subscription = bus.nc.subscribe(subjectFor(bus.source, run.storyId, run.runId), { callback: () => cancelled() })
  return { [Symbol.dispose]: () => subscription.unsubscribe() }
}
