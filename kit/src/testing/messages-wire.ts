/** The Messages API as it goes over the wire: what a request holds, what an answer is made of. After the types of `@anthropic-ai/sdk` 1.12. */
import { createHash, randomBytes } from 'node:crypto'
import type Anthropic from '@anthropic-ai/sdk'

/** A request that passed the rules; what a script reads. */
export type MessagesRequest = Anthropic.MessageCreateParams
export type Block = Anthropic.ContentBlockParam
export type Message = Anthropic.Message
export type Turn = { role: 'user' | 'assistant'; blocks: Block[] }

export const ERROR_STATUS = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
} as const
export type ErrorType = keyof typeof ERROR_STATUS

export type Fault = { type: ErrorType; message: string; details?: Record<string, unknown> }

export const errorBody = ({ type, message, details }: Fault, requestId: string) => ({
  type: 'error',
  error: { type, message, ...(details && { details }) },
  request_id: requestId,
})

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** An id as the API makes them: a prefix, `01`, 22 characters of base 58. */
export const newId = (prefix: 'msg_' | 'req_' | 'toolu_'): string =>
  `${prefix}01${[...randomBytes(22)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`

export const blocksOf = (content: string | readonly Block[] | undefined): Block[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : [...(content ?? [])]

/** The conversation as the model reads it: consecutive messages of one role are one turn, `system` messages are in neither. */
export function turnsOf(messages: readonly Anthropic.MessageParam[]): Turn[] {
  const turns: Turn[] = []
  for (const { role, content } of messages) {
    if (role === 'system') continue
    const last = turns.at(-1)
    if (last?.role === role) last.blocks.push(...blocksOf(content))
    else turns.push({ role, blocks: blocksOf(content) })
  }
  return turns
}

/** Binds a thinking block to its text and model, so that one that was changed, or moved to another model, is refused. */
export const signatureOf = (thinking: string, model: string): string =>
  createHash('sha256').update(`scripted\0${model}\0${thinking}`).digest('base64')
