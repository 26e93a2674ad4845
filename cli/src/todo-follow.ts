/** The agent's list while somebody watches: told at once, and again whenever it has changed. */
import { setTimeout as delay } from 'node:timers/promises'

/** Notes of runs are asked for, not streamed: reading them costs the house something. */
const EVERY_MS = 3_000

export type TodoFollowing = {
  read(): Promise<string[]>
  /** What was said of it already. */
  first?: readonly string[]
  onChange(lines: string[]): void
  signal: AbortSignal
  everyMs?: number
}

/** Until `signal` aborts; a list that is empty from the start is nothing to tell. */
export async function followTodo({
  read,
  first = [],
  onChange,
  signal,
  everyMs = EVERY_MS,
}: TodoFollowing): Promise<void> {
  let told = first.join('\n')
  while (!signal.aborted) {
    const lines = await read()
    if (signal.aborted) return
    if (lines.join('\n') !== told) onChange(lines)
    told = lines.join('\n')
    await delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined)
  }
}
