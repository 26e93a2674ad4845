/** A conversation as a fold of RUN: what was said so far, and whose turn it is. */
import { Usage } from '@sluice/proto/parts.ts'
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
  /** Tokens from which on the conversation is begun anew with a summary. Journals written before have none. */
  compactAt: z.int().positive().optional(),
})
export type Setup = z.infer<typeof Setup>

/**
 * What the host says to the model beside results: the first with `setup`; later when a reply cannot be used, or when a person speaks
 * (kept word for word for as long as the run lasts); `compaction` asks for a summary, then begins anew.
 */
export const PromptEntry = Base.extend({
  content: z.array(Stored),
  setup: Setup.optional(),
  /** The words of a person that it holds. */
  said: z.array(z.string()).optional(),
  compaction: z.enum(['asked', 'done']).optional(),
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
const Paid = Base.extend({ usage: Usage })
const ToolNote = Base.extend({
  type: z.literal('tool'),
  state: z.enum(['started', 'ended']),
  callId: z.string(),
  tool: z.string(),
  text: z.string(),
  ms: z.number().optional(),
})
/** Longer than this, and the next request finds nothing of the tail in a cache of five minutes. */
const SLOW_MS = 4 * 60_000

/** The tool by which a person is asked: what they answer is theirs. */
const ASK = 'ask'

export type Message = { role: 'user' | 'assistant'; content: Stored[] }

export type Conversation = {
  setup: Setup | null
  /** All that was said and answered; the last assistant message is here once all its calls have results. */
  messages: Message[]
  /** The task as it was first put. */
  first: Stored[]
  /** What the person said since, and answered. */
  kept: Stored[]
  /** A summary was asked for. */
  compacting: boolean
  /** Tokens of the last call, reply included; 0 while the conversation as it stands was not sent. */
  context: number
  /** Of these, what its first message alone took: that much is there again after it is begun anew. */
  floor: number
  /** A tool took so long that the cache of five minutes had run out: from then on the tail is kept for an hour. */
  slow: boolean
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
  first: [],
  kept: [],
  compacting: false,
  context: 0,
  floor: 0,
  slow: false,
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
    case 'usage': {
      const paid = Paid.safeParse(entry.data)
      if (!paid.success) return conversation
      const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = paid.data.usage
      const context = inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens
      return { ...conversation, context, floor: conversation.messages.length > 1 ? conversation.floor : context }
    }
    case 'result':
      return answered(conversation, ResultEntry.parse(entry.data))
    default:
      return conversation
  }
}

function noted(conversation: Conversation, note: z.infer<typeof ToolNote>): Conversation {
  const { callId, state, tool, text, ms = 0 } = note
  const unended = new Map(conversation.unended)
  unended.delete(callId)
  if (state === 'ended') return { ...conversation, unended, slow: conversation.slow || ms > SLOW_MS }
  return {
    ...conversation,
    begun: new Set([...conversation.begun, callId]),
    unended: unended.set(callId, { tool, text }),
  }
}

function prompted(
  conversation: Conversation,
  { content, setup, said, compaction }: z.infer<typeof PromptEntry>,
): Conversation {
  const { open, invalid } = conversation
  const kept = said ? [...conversation.kept, ...content] : conversation.kept
  if (compaction === 'done')
    return {
      ...conversation,
      messages: [{ role: 'user', content }],
      ...{ open: null, compacting: false, context: 0, invalid: 0 },
    }
  return {
    ...conversation,
    setup: conversation.setup ?? setup ?? null,
    first: conversation.setup ? conversation.first : content,
    kept,
    compacting: compaction === 'asked',
    messages: spoken(conversation, content),
    open: null,
    told: said ? new Set([...conversation.told, ...said]) : conversation.told,
    // What was handed in before a person spoke is not the last word.
    submitted: null,
    invalid: open && !said ? invalid + 1 : invalid,
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
  const answers = given.filter((r, i) => r.ok && open.calls[i]?.name === ASK).flatMap((r) => r.content)
  const kept = [...conversation.kept, ...answers]
  return {
    ...conversation,
    results,
    submitted,
    kept,
    messages: [...conversation.messages, ...turn],
    open: null,
    invalid,
  }
}

const resultBlock = ({ callId, ok, content }: Result): Stored => ({
  type: 'tool_result',
  tool_use_id: callId,
  is_error: !ok,
  content,
})

export const openCalls = ({ open, results }: Conversation): Call[] =>
  open ? open.calls.filter((c) => !results.has(c.id)) : []
