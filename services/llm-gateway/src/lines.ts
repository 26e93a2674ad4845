/** The lines of all stories while calls are under way: a call waits for its neighbours rather than being refused because of them. */
import {
  type Account,
  type Amount,
  type Call,
  type Line,
  type Lines,
  type Reservation,
  reserve,
  settle,
  untouched,
} from './budget.ts'

export type OpenLines = {
  /** Resolves to null when the neighbours took too long: the call may be tried again. */
  reserve(call: Call & { signal: AbortSignal }): Promise<Exclude<Reservation, { kind: 'wait' }> | null>
  settle(call: Pick<Call, 'id' | 'accounts'>, cost: Amount): void
  of(account: Account): Line
}

/** `before` is what was spent already; `patienceMs` how long a call waits for its neighbours. */
export function openLines(before: Lines = new Map(), { patienceMs = 30_000 } = {}): OpenLines {
  let lines = before
  const waiting = new Set<() => void>()

  const nextSettlement = async (signal: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.add(resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    waiting.delete(resolve)
  }

  return {
    of: (account) => lines.get(account) ?? untouched,
    async reserve({ signal, ...call }) {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
      for (;;) {
        // Between reading the lines and writing them nothing else runs: no `await` here.
        const result = reserve(lines, call)
        if (result.kind === 'reserved') lines = result.lines
        if (result.kind !== 'wait') return result
        if (patience.aborted) return null
        await nextSettlement(patience)
      }
    },
    settle(call, cost) {
      lines = settle(lines, call, cost)
      for (const wake of waiting) wake()
    },
  }
}
