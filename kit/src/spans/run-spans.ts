/** The journal of a run as spans under its request: waiting for a replica, attempts, calls of the model, tools, checks. Pure. */
import type { Event } from '@sluice/proto/events.ts'
import { Usage } from '@sluice/proto/parts.ts'
import type { Span } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import { durableOf } from '../permissions.ts'
import type { Entry } from '../run.ts'
import type { StoryRun } from '../runs.ts'
import { spanIdOf } from '../trace.ts'
import { type Attributes, free, messageAttributes, millis, tokensOf, usageAttributes } from './span.ts'

export type RunPlace = {
  parent: string
  request: Event
  /** When the request was published, and when it was closed; null while it is open. */
  asked: number
  end: number | null
}

type Told = Pick<Span, 'kind' | 'name' | 'start' | 'end' | 'outcome'> & Partial<Span>

export function runSpans({ source, runId, entries }: StoryRun, { parent, request, asked, end }: RunPlace): Span[] {
  const spans: Span[] = []
  /** Tools and checks that have not ended, by the call or the name. */
  const atWork = new Map<string, Span>()
  const models = modelCalls(runId)
  let attempt: Span | null = null
  let attempts = 0
  /** Since when the model has the word; null while it has not. */
  let turn: number | null = null
  /** Calls of the last message that have no result yet. */
  let open = 0
  let last = asked

  const add = (more: Told): Span => {
    const id = spanIdOf(`${runId} ${source} ${spans.length}`)
    const span: Span = { id, parent: attempt?.id ?? parent, service: source, ...free, event: null, ...more }
    spans.push(span)
    return span
  }
  const modelCall = (at: number | null, outcome: string, more: Partial<Span> = {}) => {
    // Ended while it waited for another try, a call was never begun.
    const start = turn === null ? null : Math.min(turn, at ?? turn)
    const attributes = { ...models.asked(), ...more.attributes }
    if (start !== null)
      add({ kind: 'model', name: 'model', start, end: at, outcome, service: GATEWAY, ...more, attributes })
    turn = null
  }
  const interrupt = (at: number | null, outcome: string) => {
    modelCall(at, outcome, at === null ? {} : { failed: true })
    for (const span of atWork.values())
      Object.assign(span, { end: at, outcome, ...(at === null ? {} : { failed: true }) })
    atWork.clear()
  }
  const endAttempt = (at: number | null, outcome: string, failed = false) => {
    if (attempt?.end !== null) return
    Object.assign(attempt, { end: at, outcome, ...(failed ? { failed } : {}) })
  }

  for (const entry of entries) {
    const at = millis(entry.at)
    step(entry, at)
    last = at
  }
  if (entries.length === 0) add({ kind: 'wait', name: 'queue', start: asked, end, outcome: 'not begun' })
  interrupt(end, end === null ? 'at work' : 'not ended')
  endAttempt(end, end === null ? 'at work' : 'not ended', end !== null)
  return spans

  function step({ kind, data, attempt: lease }: Entry, at: number): void {
    switch (kind) {
      case 'started': {
        const hadTheWord = turn !== null
        interrupt(last, 'interrupted')
        endAttempt(last, 'interrupted', true)
        begin(at, lease, data)
        turn = hadTheWord ? at : null
        return
      }
      case 'prompt':
        models.prompted(data)
        turn = at
        return
      case 'usage': {
        const { usage, model } = UsageData.parse(data)
        turn ??= last
        const attributes = { 'gen_ai.response.model': model, ...usageAttributes(usage) }
        modelCall(at, 'answered', { name: model, costUsd: usage.costUsd, tokens: tokensOf(usage), attributes })
        return
      }
      case 'assistant': {
        const { calls, stopReason } = Message.parse(data)
        open = calls.length
        const said = spans.at(-1)
        if (said?.kind === 'model' && stopReason)
          said.attributes = { ...said.attributes, 'gen_ai.response.finish_reasons': [stopReason] }
        return
      }
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
        const outcome = kind === 'failure' ? `failed: ${(data as { message: string }).message}` : 'stopped'
        interrupt(at, outcome)
        endAttempt(at, outcome, kind === 'failure')
        turn = hadTheWord ? at : null
        return
      }
      case 'answer':
        interrupt(at, 'not ended')
        endAttempt(at, 'answered')
        return
      default:
        return
    }
  }

  /** The wait for it, and the attempt itself: it takes the request from the queue. */
  function begin(at: number, lease: number, data: unknown): void {
    attempts++
    attempt = null
    const name = attempts === 1 ? 'queue' : 'until the next attempt'
    add({ kind: 'wait', name, start: last, end: at, outcome: `attempt ${attempts} began` })
    const { pid, replica, version, continues } = Started.parse(data)
    attempt = add({
      ...{ kind: 'attempt', name: `attempt ${attempts}`, start: at, end: null, outcome: 'at work', event: runId },
      links: [spanIdOf(runId)],
      attributes: {
        ...messageAttributes(request),
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.consumer.group.name': durableOf(source),
        'sluice.attempt': attempts,
        'sluice.lease': lease,
        ...(continues ? { 'sluice.continues': continues } : {}),
        ...(replica ? { 'sluice.replica': replica } : {}),
        ...(version ? { 'service.version': version } : {}),
        ...(pid ? { 'process.pid': pid } : {}),
      },
    })
  }

  function note(said: Note, at: number): void {
    const { type, text = '', delayMs = 0 } = said
    if (type === 'retry') {
      // Cut off after the API had begun to count, the call stands there already with what it cost.
      const counted = spans.at(-1)
      if (turn === null && counted?.kind === 'model') Object.assign(counted, { outcome: text, failed: true })
      modelCall(at, text, { failed: true })
      turn = at + delayMs
    }
    if (type === 'tool') work(said, at, { key: said.callId ?? '', ...toolOf(said) })
    const command = type === 'set-up' ? type : type === 'check' ? said.check : undefined
    // Journals of before have no state in these notes, and no such spans.
    if (command && said.state)
      work(said, at, { key: command, kind: 'check', name: command, attributes: { 'sluice.check': command } })
  }

  function work({ state, ok, exitCode, ms = 0 }: Note, at: number, { key, ...what }: Work): void {
    if (state === 'started') {
      atWork.set(key, add({ ...what, start: at, end: null, outcome: 'at work' }))
      return
    }
    // A call that could not be used was answered and never begun.
    const span = atWork.get(key) ?? add({ ...what, start: at - ms, end: at, outcome: '' })
    const hasCode = typeof exitCode === 'number'
    const outcome = hasCode && exitCode !== 0 ? `exit ${exitCode}` : ok ? 'ok' : 'failed'
    const attributes = {
      ...span.attributes,
      'sluice.outcome': outcome,
      ...(hasCode ? { 'process.exit.code': exitCode } : {}),
    }
    Object.assign(span, { end: at, outcome, attributes, ...(outcome === 'ok' ? {} : { failed: true }) })
    atWork.delete(key)
  }
}

type Work = Pick<Span, 'kind' | 'name'> & { key: string; attributes: Attributes }

/** Its title may hold a command or a path; its attributes do not. */
function toolOf({ tool = '', text = '', callId = '' }: Note): Pick<Span, 'kind' | 'name'> & { attributes: Attributes } {
  // Most titles begin with the tool's name.
  const name = text === tool || text.startsWith(`${tool} `) ? text : `${tool}: ${text}`
  const attributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': tool,
    'gen_ai.tool.call.id': callId,
    'gen_ai.tool.type': 'function',
  }
  return { kind: 'tool', name, attributes }
}

/** What is known of a call before it is answered (semantic conventions for generative AI). */
function modelCalls(runId: string) {
  let setup: { model?: string | undefined; maxTokens?: number | undefined } = {}
  return {
    prompted(data: unknown): void {
      setup = Prompt.parse(data).setup ?? setup
    },
    asked: (): Attributes => ({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.conversation.id': runId,
      ...(setup.model ? { 'gen_ai.request.model': setup.model } : {}),
      ...(setup.maxTokens ? { 'gen_ai.request.max_tokens': setup.maxTokens } : {}),
    }),
  }
}

const GATEWAY = 'llm-gateway'

const UsageData = z.object({ usage: Usage, model: z.string() })
const Message = z.looseObject({ calls: z.array(z.unknown()).default([]), stopReason: z.string().nullish() })
const Result = z.looseObject({ submitted: z.boolean().default(false) })
const Prompt = z.looseObject({
  setup: z.looseObject({ model: z.string().optional(), maxTokens: z.number().optional() }).optional(),
})
const Started = z.looseObject({
  pid: z.number().optional(),
  replica: z.string().optional(),
  version: z.string().optional(),
  continues: z.string().optional(),
})
const Note = z.looseObject({
  type: z.string().optional(),
  state: z.string().optional(),
  callId: z.string().optional(),
  tool: z.string().optional(),
  check: z.string().optional(),
  text: z.string().optional(),
  ok: z.boolean().optional(),
  exitCode: z.number().nullish(),
  delayMs: z.number().optional(),
  ms: z.number().optional(),
})
type Note = z.infer<typeof Note>
