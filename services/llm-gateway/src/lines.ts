/** The lines of all stories while calls are under way: a call waits for its neighbours rather than being refused because of them. */
import { type Line, type Reservation, reserve, settle, untouched } from './budget.ts'

export type Lines = {
  /** Resolves to null when the neighbours took too long: the call may be tried again. */
  reserve(call: {
    storyId: string
    id: string
    usd: number
    budgetUsd: number
    signal: AbortSignal
  }): Promise<Exclude<Reservation, { kind: 'wait' }> | null>
  settle(storyId: string, id: string, usd: number): void
  of(storyId: string): Line
}

/** `lines` is what was spent before; `patienceMs` how long a call waits for its neighbours. */
export function openLines(lines: Map<string, Line>, { patienceMs = 30_000 } = {}): Lines {
  const waiting = new Map<string, Set<() => void>>()
  const of = (storyId: string) => lines.get(storyId) ?? untouched

  const nextSettlement = async (storyId: string, signal: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const queue = waiting.get(storyId) ?? new Set()
    waiting.set(storyId, queue.add(resolve))
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    queue.delete(resolve)
    if (queue.size === 0 && waiting.get(storyId) === queue) waiting.delete(storyId)
  }

  return {
    of,
    async reserve({ storyId, signal, ...call }) {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
      for (;;) {
        // Between reading the line and writing it nothing else runs: no `await` here.
        const result = reserve(of(storyId), call)
        if (result.kind === 'reserved') lines.set(storyId, result.line)
        if (result.kind !== 'wait') return result
        if (patience.aborted) return null
        await nextSettlement(storyId, patience)
      }
    },
    settle(storyId, id, usd) {
      lines.set(storyId, settle(of(storyId), id, usd))
      for (const wake of waiting.get(storyId) ?? []) wake()
    },
  }
}
