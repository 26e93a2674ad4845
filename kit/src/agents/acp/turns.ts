/** The model's calls of a foreign agent as turns of ours: paid for, counted, and told of once their tools have ended. */
import type { Occupant } from '@sluice/proto/parts.ts'
import type { AgentTask } from '../../agent.ts'
import type { EngineOptions } from '../../engine.ts'
import { TerminalError } from '../../errors.ts'
import { priceOf, usageOf } from '../../prices.ts'
import type { SessionEntry } from '../../run.ts'
import type { WatchedCall } from '../watched-calls.ts'

const MAX_TURNS = 200

export type Turns = {
  /** All that the last message asked for is done: told before the next call goes out, and at the end. */
  done(): Promise<void>
  /** The model has answered. */
  answered(call: WatchedCall): Promise<void>
  /** Calls seen at our door: an agent that has none asks another provider. */
  seen(): number
}

export type Turning = Pick<EngineOptions, 'run' | 'prices'> & {
  task: AgentTask
  number: number
  turns: number
  who(): Occupant
  titles(): string[]
}

export function turnsOf({ run, prices, task, number, who, titles, ...begun }: Turning): Turns {
  const { maxTurns = MAX_TURNS } = task.limits ?? {}
  let { turns } = begun
  let seen = 0
  let open: WatchedCall | null = null

  async function introduce({ reply: { model }, scripted }: WatchedCall): Promise<void> {
    const occupant: Occupant = { ...who(), model, ...(scripted ? { scripted } : {}) }
    const last = run.entries().findLast(({ kind }) => kind === 'session')?.data as SessionEntry | undefined
    if (JSON.stringify(last?.occupant) === JSON.stringify(occupant)) return
    await run.append('session', { occupant } satisfies SessionEntry)
  }

  return {
    seen: () => seen,
    async done() {
      if (!open) return
      const { reply } = open
      open = null
      // What the agent said of its calls before it asked for the next may still be in its pipe.
      await new Promise(setImmediate)
      const named = titles()
      await task.onTurn?.({ number: turns, titles: named.length > 0 ? named : reply.calls.map(({ name }) => name) })
      if (turns >= maxTurns) throw new TerminalError(`The work was not done in ${maxTurns} turns.`)
    },
    async answered(call) {
      const { reply, whole, isTurn } = call
      seen++
      await introduce(call)
      const isNext = whole && isTurn
      if (isNext) turns++
      const usage = usageOf(reply.usage, priceOf(reply.model, prices))
      await run.append('usage', { acp: number, usage, model: reply.model, ...(isNext ? { turn: turns } : {}) })
      if (reply.stopReason === 'refusal')
        throw new TerminalError(`The model refused to go on, request ${call.requestId ?? 'without an id'}.`)
      if (isNext) open = call
    },
  }
}
