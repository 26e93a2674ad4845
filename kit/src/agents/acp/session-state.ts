/** What the journal knows of a conversation with an agent: its session, and how far it came. */
import { z } from 'zod'
import type { Entry } from '../../run.ts'

const Base = z.object({ acp: z.int().nonnegative() })
/** What was said to the agent, and in which session: one belongs to its engine and its model. */
export const SaidEntry = Base.extend({
  session: z.object({ engine: z.string(), model: z.string(), id: z.string() }),
  text: z.string(),
})
/** A call of the model; `turn` counts those of the conversation. */
const CallEntry = Base.extend({ turn: z.int().positive().optional() })

export type SessionState = {
  /** Where it was last spoken to; null where another engine or model did it. */
  sessionId: string | null
  begun: boolean
  turns: number
}

export type Conversation = { number: number; engine: string; model: string }

export function sessionState(entries: readonly Entry[], { number, engine, model }: Conversation): SessionState {
  const state: SessionState = { sessionId: null, begun: false, turns: 0 }
  for (const { kind, data } of entries) {
    if (Base.safeParse(data).data?.acp !== number) continue
    if (kind === 'usage') state.turns = CallEntry.parse(data).turn ?? state.turns
    if (kind !== 'prompt') continue
    const session = SaidEntry.safeParse(data).data?.session
    if (!session) continue
    state.begun = true
    state.sessionId = session.engine === engine && session.model === model ? session.id : null
  }
  return state
}
