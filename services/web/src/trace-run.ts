/** The journal of a run as spans under its request: waiting for a replica, calls of the model, tools. Pure. */
import type { Entry } from '@sluice/kit/run.ts'
import type { StoryRun } from '@sluice/kit/runs.ts'
import { spanIdOf } from '@sluice/kit/trace.ts'
import { Usage } from '@sluice/proto/parts.ts'
import type { Span } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import { free, millis, tokensOf } from './span.ts'

export type RunPlace = {
  parent: string
  /** When the request was published, and when it was closed; null while it is open. */
  asked: number
  end: number | null
}

export function runSpans({ source, runId, entries }: StoryRun, { parent, asked, end }: RunPlace): Span[] {
  const spans: Span[] = []
  const tools = new Map<string, Span>()
  /** Since when the model has the word; null while it has not. */
  let turn: number | null = null
  /** Calls of the last message that have no result yet. */
  let open = 0
  let last = asked

  const add = (more: Pick<Span, 'kind' | 'name' | 'start' | 'end' | 'outcome'> & Partial<Span>): Span => {
    const id = spanIdOf(`${runId} ${source} ${spans.length}`)
    const span: Span = { id, parent, service: source, ...free, event: null, ...more }
    spans.push(span)
    return span
  }
  const modelCall = (at: number | null, outcome: string, more: Partial<Span> = {}) => {
    // Ended while it waited for another try, a call was never begun.
    const start = turn === null ? null : Math.min(turn, at ?? turn)
    if (start !== null) add({ kind: 'model', name: 'model', start, end: at, outcome, service: GATEWAY, ...more })
    turn = null
  }
  const interrupt = (at: number | null, outcome: string) => {
    modelCall(at, outcome)
    for (const tool of tools.values()) Object.assign(tool, { end: at, outcome })
    tools.clear()
  }

  for (const entry of entries) {
    const at = millis(entry.at)
    step(entry, at)
    last = at
  }
  if (entries.length === 0) add({ kind: 'wait', name: 'queue', start: asked, end, outcome: 'not begun' })
  interrupt(end, end === null ? 'at work' : 'not ended')
  return spans

  function step({ kind, attempt, data }: Entry, at: number): void {
    switch (kind) {
      case 'started': {
        const hadTheWord = turn !== null
        interrupt(last, 'interrupted')
        const first = spans.every((span) => span.kind !== 'wait')
        add({
          kind: 'wait',
          name: first ? 'queue' : 'until the next attempt',
          start: last,
          end: at,
          outcome: `attempt ${attempt} began`,
        })
        turn = hadTheWord ? at : null
        return
      }
      case 'prompt':
        turn = at
        return
      case 'usage': {
        const { usage, model } = UsageData.parse(data)
        turn ??= last
        modelCall(at, 'answered', { name: model, costUsd: usage.costUsd, tokens: tokensOf(usage) })
        return
      }
      case 'assistant':
        open = Calls.parse(data).calls.length
        return
      case 'result':
        open--
        if (open === 0 && !Result.parse(data).submitted) turn = at
        return
      case 'note':
        note(Note.safeParse(data).data ?? {}, at)
        return
      case 'failure':
      case 'stopped': {
        const hadTheWord = turn !== null
        interrupt(at, kind === 'failure' ? `failed: ${(data as { message: string }).message}` : 'stopped')
        turn = hadTheWord ? at : null
        return
      }
      case 'answer':
        interrupt(at, 'not ended')
        return
      default:
        return
    }
  }

  function note(
    { type, state, callId = '', tool, text = '', ok, exitCode, delayMs = 0, ms = 0 }: Note,
    at: number,
  ): void {
    if (type === 'retry') {
      // Cut off after the API had begun to count, the call stands there already with what it cost.
      const counted = spans.at(-1)
      if (turn === null && counted?.kind === 'model') counted.outcome = text
      modelCall(at, text)
      turn = at + delayMs
    }
    if (type !== 'tool') return
    // Most titles begin with the tool's name.
    const name = text === tool || text.startsWith(`${tool} `) ? text : `${tool}: ${text}`
    if (state === 'started') {
      tools.set(callId, add({ kind: 'tool', name, start: at, end: null, outcome: 'at work' }))
      return
    }
    // A call that could not be used was answered and never begun.
    const span = tools.get(callId) ?? add({ kind: 'tool', name, start: at - ms, end: at, outcome: '' })
    const outcome = typeof exitCode === 'number' && exitCode !== 0 ? `exit ${exitCode}` : ok ? 'ok' : 'failed'
    Object.assign(span, { end: at, outcome })
    tools.delete(callId)
  }
}

const GATEWAY = 'llm-gateway'

const UsageData = z.object({ usage: Usage, model: z.string() })
const Calls = z.looseObject({ calls: z.array(z.unknown()).default([]) })
const Result = z.looseObject({ submitted: z.boolean().default(false) })
const Note = z.looseObject({
  type: z.string().optional(),
  state: z.string().optional(),
  callId: z.string().optional(),
  tool: z.string().optional(),
  text: z.string().optional(),
  ok: z.boolean().optional(),
  exitCode: z.number().nullish(),
  delayMs: z.number().optional(),
  ms: z.number().optional(),
})
type Note = z.infer<typeof Note>
