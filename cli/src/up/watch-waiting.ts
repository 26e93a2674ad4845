/** Looks at the board again and again for as long as `up` runs, and tells what newly waits for the person. */
import { setTimeout as after } from 'node:timers/promises'
import type { Rest } from '../rest.ts'
import { readBoard } from '../stories.ts'
import { type Notifier, newlyWaiting } from './notify.ts'

const EVERY_MS = 2_000

/** Ends when `signal` aborts. A page that does not answer for a moment is asked again. */
export async function watchWaiting(rest: Rest, notify: Notifier, signal: AbortSignal): Promise<void> {
  const look = newlyWaiting()
  while (!signal.aborted) {
    const board = await readBoard(rest).catch(() => null)
    for (const waiting of board ? look(board.cards) : []) notify(waiting)
    await after(EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}
