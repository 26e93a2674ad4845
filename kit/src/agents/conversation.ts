/** A conversation as a fold of RUN: what was said so far, and whose turn it is. */
import { z } from 'zod'
import type { Entry } from '../run.ts'
import { Stored } from './stored.ts'

const Base = z.object({ conversation: z.int().nonnegative() })

/** How the conversation was begun. A later attempt goes on with exactly this, whatever its role would say now. */
export const Setup = z.object({
  system: z.array(Stored),
  model: z.string(),
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).optional(),
  maxTokens: z.int().positive(),
})
export type Setup = z.infer<typeof Setup>

/** What the host says: the first one with `setup`, later ones when a reply cannot be used. */
export const PromptEntry = Base.extend({
  content: z.array(Stored),
  setup: Setup.optional(),
  /** The words of a person that it holds. */
  said: z.array(z.string()).optional(),
})
export const AssistantEntry = Base.extend({
  content: z.array(Stored),
  /** Which blocks are calls; `broken` when the input was not JSON. The input itself may be large and stands in the block alone. */
  calls: z.array(z.object({ id: z.string(), name: z.string(), block: z.int().nonnegative(), broken: z.boolean() })),
  stopReason: z.string(),
  requestId: z.string().nullable(),
})
export type Call = z.infer<typeof AssistantEntry>['calls'][number]
export const ResultEntry = Base.extend({
  callId: z.string(),
  ok: z.boolean(),
  content: z.array(Stored),
  /** The call itself could not be used: no such tool, input that does not fit, cut off. */
  invalid: z.boolean(),
  submitted: z.boolean(),
})
export type Result = z.infer<typeof ResultEntry>
const ToolNote = Base.extend({
  type: z.literal('tool'),
  state: z.enum(['started', 'ended']),
  callId: z.string(),
  tool: z.string(),
  text: z.string(),
})

export type Message = { role: 'user' | 'assistant'; content: Stored[] }

export type Conversation = {
  setup: Setup | null
  /** All that was said and answered; the last assistant message is here once all its calls have results. */
  messages: Message[]
  /** Messages of the model. */
  turns: number
  /** The last message of the model, while nothing was said to it yet. */
  open: { content: Stored[]; calls: Call[]; stopReason: string; requestId: string | null } | null
  results: ReadonlyMap<string, Result>
  /** Calls that were begun; one without a result was interrupted. */
  begun: ReadonlySet<string>
  /** Of those, the ones people were not told the end of. */
  unended: ReadonlyMap<string, { tool: string; text: string }>
  /** What a person said and the model has been told. */
  told: ReadonlySet<string>
  /** The accepted call of `submit`; null again when a person has spoken since. */
  submitted: Stored | null
  /** Replies in a row that could not be used. */
  invalid: number
}

const empty: Conversation = {
  setup: null,
  messages: [],
  turns: 0,
  open: null,
  results: new Map(),
  begun: new Set(),
  unended: new Map(),
  told: new Set(),
  submitted: null,
  invalid: 0,
}

/** The conversation with this number in the run: a role may hold several, one after another. */
export function conversationOf(entries: readonly Entry[], number: number): Conversation {
  const mine = entries.filter(({ data }) => Base.safeParse(data).data?.conversation === number)
  return mine.reduce(evolve, empty)
}

function evolve(conversation: Conversation, entry: Entry): Conversation {
  switch (entry.kind) {
    case 'prompt':
      return prompted(conversation, PromptEntry.parse(entry.data))
    case 'assistant': {
      const { content, calls, stopReason, requestId } = AssistantEntry.parse(entry.data)
      return { ...conversation, open: { content, calls, stopReason, requestId }, turns: conversation.turns + 1 }
    }
    case 'note': {
      const note = ToolNote.safeParse(entry.data)
      return note.success ? noted(conversation, note.data) : conversation
    }
    case 'result':
      return answered(conversation, ResultEntry.parse(entry.data))
    default:
      return conversation
  }
}

function noted(conversation: Conversation, { callId, state, tool, text }: z.infer<typeof ToolNote>): Conversation {
  const unended = new Map(conversation.unended)
  unended.delete(callId)
  if (state === 'ended') return { ...conversation, unended }
  return {
    ...conversation,
    begun: new Set([...conversation.begun, callId]),
    unended: unended.set(callId, { tool, text }),
  }
}

function prompted(conversation: Conversation, { content, setup, said }: z.infer<typeof PromptEntry>): Conversation {
  const { open } = conversation
  return {
    ...conversation,
    setup: conversation.setup ?? setup ?? null,
    messages: spoken(conversation, content),
    open: null,
    told: said ? new Set([...conversation.told, ...said]) : conversation.told,
    // What was handed in before a person spoke is not the last word.
    submitted: null,
    invalid: open && !said ? conversation.invalid + 1 : conversation.invalid,
  }
}

/** A reply without a word is left out: the API takes neither an empty message nor two of the same side. */
function spoken({ messages, open }: Conversation, content: Stored[]): Message[] {
  if (open && open.content.length > 0)
    return [...messages, { role: 'assistant', content: open.content }, { role: 'user', content }]
  const last = messages.at(-1)
  if (last?.role !== 'user') return [...messages, { role: 'user', content }]
  return [...messages.slice(0, -1), { role: 'user', content: [...last.content, ...content] }]
}

function answered(conversation: Conversation, result: Result): Conversation {
  const { open } = conversation
  const call = open?.calls.find((c) => c.id === result.callId)
  // A second result for a call (an attempt that lost its lease in between) changes nothing.
  if (!open || !call || conversation.results.has(result.callId)) return conversation

  const results = new Map([...conversation.results, [result.callId, result] as const])
  const submitted = result.submitted ? (open.content[call.block] ?? null) : conversation.submitted
  const given = open.calls.flatMap((c) => results.get(c.id) ?? [])
  if (given.length < open.calls.length) return { ...conversation, results, submitted }

  const turn: Message[] = [
    { role: 'assistant', content: open.content },
    { role: 'user', content: given.map(resultBlock) },
  ]
  const invalid = given.every((r) => r.invalid) ? conversation.invalid + 1 : 0
  return { ...conversation, results, submitted, messages: [...conversation.messages, ...turn], open: null, invalid }
}

const resultBlock = ({ callId, ok, content }: Result): Stored => ({
  type: 'tool_result',
  tool_use_id: callId,
  is_error: !ok,
  content,
})

export const openCalls = ({ open, results }: Conversation): Call[] =>
  open ? open.calls.filter((c) => !results.has(c.id)) : []
