/** What is said to a running agent: for now, to stop. Not stored: the lease says it to whoever was not listening. */
import type { Bus } from './bus.ts'

const subjectFor = (source: string, storyId: string, runId: string) => `ctl.${source}.${storyId}.${runId}`

export function sayCancel(bus: Bus, to: { source: string; storyId: string; runId: string }): void {
  bus.nc.publish(subjectFor(to.source, to.storyId, to.runId), JSON.stringify({ do: 'cancel' }))
}

type Listeners = Map<string, Set<() => void>>
const listening = new WeakMap<Bus, Listeners>()

/** Calls `cancelled` when this run is told to stop. Disposing ends it. */
export function onCancel(bus: Bus, run: { storyId: string; runId: string }, cancelled: () => void): Disposable {
  const listeners = listening.get(bus) ?? listenTo(bus)
  const subject = subjectFor(bus.source, run.storyId, run.runId)
  const mine = listeners.get(subject) ?? new Set()
  listeners.set(subject, mine.add(cancelled))
  return {
    [Symbol.dispose]: () => {
      mine.delete(cancelled)
      if (mine.size === 0) listeners.delete(subject)
    },
  }
}

/** One subscription for all runs of a process: one for each would cost the broker two messages a run. */
function listenTo(bus: Bus): Listeners {
  const listeners: Listeners = new Map()
  listening.set(bus, listeners)
  bus.nc.subscribe(subjectFor(bus.source, '*', '*'), {
    callback(_, message) {
      for (const cancelled of listeners.get(message.subject) ?? []) cancelled()
    },
  })
  return listeners
}
