/** What a run wrote, folded to what matters: what the agent said, what it did, and in one line what it only looked at. Pure. */
import type { Artifact } from '@sluice/proto/parts.ts'
import type { RunView } from '@sluice/proto/rest.ts'
import type { TodoItem } from '@sluice/proto/todo.ts'

type Note = RunView['notes'][number]
export type Call = { tool: string; text: string; at: string; seconds: number | null; ok: boolean | null }
export type Part =
  | { kind: 'said'; at: string; text: string }
  | { kind: 'did'; call: Call }
  /** Several calls that changed nothing, one after the other. */
  | { kind: 'looked'; calls: Call[] }
  | { kind: 'note'; at: string; what: string; text: string; log?: Artifact }

const looking: ReadonlySet<string> = new Set(['read', 'glob', 'grep', 'memory_search', 'shell_output', 'todo'])

/** The list the agent keeps, as it stands; of its changes only this is shown. */
export const todoIn = (notes: readonly Note[]): readonly TodoItem[] =>
  notes.findLast(({ todo }) => todo !== undefined)?.todo ?? []

export function partsOf(notes: readonly Note[]): Part[] {
  const parts: Part[] = []
  const open = new Map<string, Call>()
  for (const note of notes) {
    const { kind, at, text, tool = '', callId = '', ok, log } = note
    if (kind === 'todo') continue
    const begun = kind === 'tool ended' ? open.get(callId) : undefined
    if (begun) {
      open.delete(callId)
      Object.assign(begun, endOf(begun, note))
    } else if (kind === 'tool' || kind === 'tool ended') {
      const call = { tool, text, at, seconds: null, ok: ok ?? null }
      open.set(callId, call)
      add(parts, call)
    } else if (kind === 'text') parts.push({ kind: 'said', at, text })
    else parts.push({ kind: 'note', at, what: kind, text, ...(log && { log }) })
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
