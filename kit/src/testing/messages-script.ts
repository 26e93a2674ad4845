/** What the author of a scripted model writes: replies, and questions to a request. Answers come from what a request holds, never from how many came before. */
import type Anthropic from '@anthropic-ai/sdk'
import { type Block, blocksOf, type ErrorType, type MessagesRequest, type Turn, turnsOf } from './messages-wire.ts'

export type ScriptedModel = (request: MessagesRequest, context: ScriptContext) => Reply | Promise<Reply>

export type ScriptContext = {
  /** The turns so far, consecutive messages of one role joined. */
  conversation: Turn[]
  /** Of the HTTP request, names in lower case. */
  headers: Record<string, string>
  /** Aborted when the one who asked has gone. */
  signal: AbortSignal
}

export type Reply = string | Said | Refused

/** An answer, and what may go wrong on its way. Counts are of events of the stream. */
export type Said = {
  content: readonly (string | Spoken)[]
  /** By default `tool_use` if a tool is called, else `end_turn`. */
  stop?: Anthropic.StopReason
  /** Wait before the first byte, in milliseconds. */
  delayMs?: number
  /** Wait between two events of the stream, in milliseconds. */
  betweenMs?: number
  /** Characters of one delta (24). */
  chunk?: number
  /** The connection is cut after so many events. */
  cutAfter?: number
  /** Silence after so many events, until the one who asked gives up. */
  stallAfter?: number
  /** An `error` event in place of the end. */
  streamError?: ErrorType
  /** The answer, or the last event of its stream, is no JSON. */
  invalid?: boolean
}

/** An answer of another status. */
export type Refused = {
  error: ErrorType
  message?: string
  status?: number
  headers?: Record<string, string>
  details?: Record<string, unknown>
  delayMs?: number
}

export type Spoken =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string }
  /** `json` is streamed as it is in place of `input`: a call whose input is cut or wrong. */
  | { type: 'tool_use'; name: string; input: unknown; id?: string; json?: string }

export const text = (words: string): Spoken => ({ type: 'text', text: words })
export const thinking = (words: string): Spoken => ({ type: 'thinking', thinking: words })
export const tool = (name: string, input: unknown): Spoken => ({ type: 'tool_use', name, input })
export const brokenTool = (name: string, json: string): Spoken => ({ type: 'tool_use', name, input: {}, json })

/** A call of a tool and its result, in the order the calls were made; no result yet while it is owed. */
export type ToolOutcome = { name: string; input: unknown; result?: string; isError: boolean }

export function toolResults(request: MessagesRequest): ToolOutcome[] {
  const blocks = turnsOf(request.messages).flatMap((turn) => turn.blocks)
  const results = new Map(blocks.filter((b) => b.type === 'tool_result').map((b) => [b.tool_use_id, b]))
  return blocks
    .filter((b) => b.type === 'tool_use')
    .map(({ id, name, input }) => {
      const result = results.get(id)
      return { name, input, ...(result && { result: wordsOf(result.content) }), isError: result?.is_error === true }
    })
}

/** Whether the tool was called before; with `matching`, whether it was with such an input. */
export const usedTool = (request: MessagesRequest, name: string, matching: (input: unknown) => boolean = () => true) =>
  toolResults(request).some((call) => call.name === name && matching(call.input))

/** What the last turn of the user says, without tool results; empty if it says nothing. */
export function lastUserText(request: MessagesRequest): string {
  const turn = turnsOf(request.messages).findLast(({ role }) => role === 'user')
  return wordsOf(turn?.blocks.filter((block) => block.type === 'text'))
}

/** All that the user said, from the first turn on, without tool results. */
export const userText = (request: MessagesRequest): string =>
  turnsOf(request.messages)
    .filter(({ role }) => role === 'user')
    .map(({ blocks }) => wordsOf(blocks))
    .filter(Boolean)
    .join('\n\n')

export const systemText = (request: MessagesRequest): string => wordsOf(request.system)

/** The pictures of a request, those in tool results among them, in order. */
export function images(request: MessagesRequest): Anthropic.ImageBlockParam[] {
  const inside = (block: Block): Block[] =>
    block.type === 'tool_result' ? (blocksOf(block.content as Block[]) ?? []) : [block]
  return turnsOf(request.messages)
    .flatMap(({ blocks }) => blocks.flatMap(inside))
    .filter((block) => block.type === 'image')
}

const wordsOf = (
  content: string | readonly { type: string; text?: string }[] | readonly Block[] | undefined,
): string =>
  typeof content === 'string'
    ? content
    : (content ?? []).flatMap((block) => (block.type === 'text' && 'text' in block ? [block.text] : [])).join('\n')
