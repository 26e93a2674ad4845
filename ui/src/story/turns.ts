/** What a run wrote, folded to what matters: what the agent said, what it did, and in one line what it only looked at. Pure. */
import type { RunView } from '@sluice/proto/rest.ts'

type Note = RunView['notes'][number]
export type Call = { tool: string; text: string; at: string; seconds: number | null; ok: boolean | null }
export type Part =
  | { kind: 'said'; at: string; text: string }
  | { kind: 'did'; call: Call }
  /** Several calls that changed nothing, one after the other. */
  | { kind: 'looked'; calls: Call[] }
  | { kind: 'note'; at: string; what: string; text: string }

const looking: ReadonlySet<string> = new Set(['read', 'glob', 'grep', 'memory_search'])

export function partsOf(notes: readonly Note[]): Part[] {
  const parts: Part[] = []
  const open = new Map<string, Call>()
  for (const note of notes) {
    const { kind, at, text, tool = '', callId = '', ok } = note
    const begun = kind === 'tool ended' ? open.get(callId) : undefined
    if (begun) {
      open.delete(callId)
      Object.assign(begun, endOf(begun, note))
    } else if (kind === 'tool' || kind === 'tool ended') {
      const call = { tool, text, at, seconds: null, ok: ok ?? null }
      open.set(callId, call)
      add(parts, call)
    } else parts.push(kind === 'text' ? { kind: 'said', at, text } : { kind: 'note', at, what: kind, text })
  }
  return parts
}

function add(parts: Part[], call: Call): void {
  const last = parts.at(-1)
  if (!looking.has(call.tool)) parts.push({ kind: 'did', call })
  else if (last?.kind === 'looked') last.calls.push(call)
  else parts.push({ kind: 'looked', calls: [call] })
}

const endOf = (begun: Call, { at, text, ok }: Note): Pick<Call, 'text' | 'seconds' | 'ok'> => ({
  text,
  seconds: Math.max(0, (Date.parse(at) - Date.parse(begun.at)) / 1000),
  ok: ok ?? true,
})
