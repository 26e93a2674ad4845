/** Whether the connection to the broker stands, for whoever must say so to somebody else. */
import type { Bus } from './bus.ts'

export type Line = {
  isUp(): boolean
  /** Returns what ends the watching. */
  watch(changed: (isUp: boolean) => void): () => void
}

export function watchLine({ nc }: Bus): Line {
  let up = !nc.isClosed()
  const watchers = new Set<(isUp: boolean) => void>()
  const become = (now: boolean) => {
    if (now === up) return
    up = now
    for (const changed of watchers) changed(up)
  }
  const follow = async () => {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect' || type === 'close') become(false)
      if (type === 'reconnect') become(true)
    }
    become(false)
  }
  void follow()
  return {
    isUp: () => up,
    watch(changed) {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
  }
}
