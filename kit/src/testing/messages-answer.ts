/** Turns what a script says into a whole message, and a message into the events of its stream, in the API's order. */
import type Anthropic from '@anthropic-ai/sdk'
import type { Said, Spoken } from './messages-script.ts'
import { countTokens } from './messages-tokens.ts'
import { type Message, type MessagesRequest, newId, signatureOf } from './messages-wire.ts'

export type InputUsage = Pick<
  Anthropic.Usage,
  'input_tokens' | 'cache_creation' | 'cache_creation_input_tokens' | 'cache_read_input_tokens'
>
/** Calls whose input goes out as it was written, by the id of their block. */
export type RawInputs = Map<string, string>

/** The message, cut where `max_tokens` ends it. */
export function finishMessage(
  said: Said,
  request: MessagesRequest,
  input: InputUsage,
): { message: Message; raw: RawInputs } {
  const raw: RawInputs = new Map()
  const spoken = said.content.map((part) => (typeof part === 'string' ? ({ type: 'text', text: part } as const) : part))
  const whole = spoken.map((part) => finishBlock(part, request, raw))
  const { content, cut } = fit(whole, request.max_tokens)
  const message: Message = {
    id: newId('msg_'),
    type: 'message',
    role: 'assistant',
    model: request.model,
    content,
    stop_reason: cut ? 'max_tokens' : (said.stop ?? stopReason(content)),
    stop_sequence: null,
    stop_details: null,
    container: null,
    // The comparison with an earlier request is not made here, and the API has a word for that.
    diagnostics: request.diagnostics ? { cache_miss_reason: { type: 'unavailable' } } : null,
    usage: {
      ...input,
      output_tokens: outputTokens(content),
      output_tokens_details: { thinking_tokens: outputTokens(content.filter((block) => block.type === 'thinking')) },
      server_tool_use: null,
      service_tier: 'standard',
      speed: 'standard',
      inference_geo: 'not_available',
    },
  }
  return { message, raw }
}

function finishBlock(part: Spoken, request: MessagesRequest, raw: RawInputs): Anthropic.ContentBlock {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text, citations: null }
    case 'thinking': {
      const shown = showsThinking(request) ? part.thinking : ''
      return { type: 'thinking', thinking: shown, signature: signatureOf(shown, request.model) }
    }
    case 'tool_use': {
      const id = part.id ?? newId('toolu_')
      if (part.json !== undefined) raw.set(id, part.json)
      return { type: 'tool_use', id, name: part.name, input: part.input, caller: { type: 'direct' } }
    }
  }
}

/** The newest models leave thinking empty unless a summary is asked for. */
const showsThinking = ({ thinking }: MessagesRequest): boolean =>
  thinking !== undefined && 'display' in thinking && thinking.display === 'summarized'

const stopReason = (content: Anthropic.ContentBlock[]): Anthropic.StopReason =>
  content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn'

const outputTokens = (blocks: Anthropic.ContentBlock[]): number =>
  blocks.reduce((sum, block) => sum + countTokens(spokenPart(block)), 0)

/** What of a block the model wrote: not its id, its signature, the name of its type. */
function spokenPart(block: Anthropic.ContentBlock): unknown {
  if (block.type === 'text') return block.text
  if (block.type === 'thinking') return block.thinking
  return block.type === 'tool_use' ? [block.name, JSON.stringify(block.input)] : block
}

/** No answer is longer than was asked for: text is cut, a call that does not fit is left out. */
function fit(whole: Anthropic.ContentBlock[], maxTokens: number): { content: Anthropic.ContentBlock[]; cut: boolean } {
  const content: Anthropic.ContentBlock[] = []
  let left = maxTokens
  for (const block of whole) {
    const size = outputTokens([block])
    if (size > left || maxTokens === 0) {
      if (block.type === 'text' && left > 0) content.push({ ...block, text: block.text.slice(0, left * 4) })
      return { content, cut: true }
    }
    content.push(block)
    left -= size
  }
  return { content, cut: maxTokens === 0 }
}

type StreamEvent = Anthropic.RawMessageStreamEvent

/** `message_start`, then each block's start, deltas and stop, then `message_delta` and `message_stop`. */
export function* streamEvents(message: Message, raw: RawInputs, chunk: number): Generator<StreamEvent> {
  const { usage } = message
  yield {
    type: 'message_start',
    message: {
      ...message,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...usage, output_tokens: 1, output_tokens_details: null },
    },
  }
  for (const [index, block] of message.content.entries()) {
    yield { type: 'content_block_start', index, content_block: opened(block) }
    for (const delta of deltas(block, raw, chunk)) yield { type: 'content_block_delta', index, delta }
    yield { type: 'content_block_stop', index }
  }
  const { stop_reason, stop_sequence, stop_details, container } = message
  const { output_tokens, output_tokens_details, server_tool_use } = usage
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens } = usage
  yield {
    type: 'message_delta',
    delta: { stop_reason, stop_sequence, stop_details, container },
    usage: {
      input_tokens,
      cache_creation_input_tokens,
      cache_read_input_tokens,
      output_tokens,
      output_tokens_details,
      server_tool_use,
    },
  }
  yield { type: 'message_stop' }
}

function opened(block: Anthropic.ContentBlock): Anthropic.ContentBlock {
  if (block.type === 'text') return { ...block, text: '' }
  if (block.type === 'thinking') return { ...block, thinking: '', signature: '' }
  return block.type === 'tool_use' ? { ...block, input: {} } : block
}

function* deltas(
  block: Anthropic.ContentBlock,
  raw: RawInputs,
  chunk: number,
): Generator<Anthropic.RawContentBlockDelta> {
  if (block.type === 'text') for (const part of slices(block.text, chunk)) yield { type: 'text_delta', text: part }
  if (block.type === 'thinking') {
    // `estimated_tokens` and the like belong to betas: thinking is text, then the signature.
    for (const part of slices(block.thinking, chunk))
      yield { type: 'thinking_delta', thinking: part } as Anthropic.ThinkingDelta
    yield { type: 'signature_delta', signature: block.signature }
  }
  if (block.type !== 'tool_use') return
  // The API's first delta of a call is empty.
  yield { type: 'input_json_delta', partial_json: '' }
  for (const part of slices(raw.get(block.id) ?? JSON.stringify(block.input), chunk))
    yield { type: 'input_json_delta', partial_json: part }
}

function* slices(words: string, size: number): Generator<string> {
  for (let i = 0; i < words.length; i += size) yield words.slice(i, i + size)
}
