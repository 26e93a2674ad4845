/** What people hear of an agent's calls of tools: of each its beginning once, then its end once, whatever was killed in between. */
import { z } from 'zod'
import type { Entry, Run } from './run.ts'

export type ToldCall = { id: string; tool: string; title: string }
export type CallEnd = { ok?: boolean; ms?: number; exitCode?: number }

export type ToldCalls = {
  begin(call: ToldCall): Promise<void>
  /** One whose beginning was not told yet gets that first. */
  end(call: ToldCall, how: CallEnd): Promise<void>
  /** Begun, by whatever attempt, and not ended. */
  open(): ToldCall[]
  /** What nobody saw the end of: the program that carried it out is gone. */
  endAll(): Promise<void>
}

const Told = z.object({
  type: z.literal('tool'),
  state: z.enum(['started', 'ended']),
  ...{ callId: z.string(), tool: z.string(), text: z.string() },
})

/** `more` stands in every note. */
export function toldCalls(run: Run, more: object = {}): ToldCalls {
  const open = new Map<string, ToldCall>()
  for (const entry of [...run.earlier, ...run.entries()]) remember(open, entry)
  const note = (call: ToldCall, state: 'started' | 'ended', how: object = {}) =>
    run.append('note', { type: 'tool', ...more, state, callId: call.id, tool: call.tool, text: call.title, ...how })

  async function begin(call: ToldCall): Promise<void> {
    if (open.has(call.id)) return
    open.set(call.id, call)
    await note(call, 'started')
  }
  async function end(call: ToldCall, how: CallEnd): Promise<void> {
    // Both are in the journal's queue before anything else can be: no wait between them.
    const beginning = begin(call)
    const told = open.get(call.id) ?? call
    open.delete(call.id)
    await Promise.all([beginning, note(told, 'ended', how)])
  }
  return {
    ...{ begin, end },
    open: () => [...open.values()],
    endAll: async () => void (await Promise.all([...open.values()].map((call) => end(call, { ok: false })))),
  }
}

function remember(open: Map<string, ToldCall>, { kind, data }: Entry): void {
  const told = kind === 'note' ? Told.safeParse(data).data : undefined
  if (!told) return
  const { callId: id, tool, text: title, state } = told
  if (state === 'started') open.set(id, { id, tool, title })
  else open.delete(id)
}
