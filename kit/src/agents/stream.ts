/** One reply of the model, put together from the events of its stream. */
import type Anthropic from '@anthropic-ai/sdk'
import type { ApiUsage } from '../prices.ts'

export type Reply = {
  content: Anthropic.ContentBlock[]
  /** Blocks that call a tool; `broken` when what came for their input is not JSON. */
  calls: { id: string; name: string; block: number; broken: boolean }[]
  stopReason: string
  refusal: string | null
  model: string
  usage: ApiUsage
}

/** A reply that is still coming; what has come so far was paid for, also when the rest never comes. */
export type Partial = { reply: Reply | null; ended: boolean }

export const nothingYet = (): Partial => ({ reply: null, ended: false })

/**
 * Puts a stream into `partial`, event by event, in the order of the Messages API's streaming page; unknown events are passed over.
 * The SDK's own accumulator takes a cut-off JSON for a whole one: a file half written would look like a file.
 */
export async function collect(events: AsyncIterable<Anthropic.RawMessageStreamEvent>, partial: Partial): Promise<void> {
  const inputs = new Map<number, string>()
  for await (const event of events) {
    const { reply } = partial
    if (event.type === 'message_start') partial.reply = begun(event.message)
    else if (event.type === 'message_stop')
      partial.ended = true // what follows, if anything, belongs to no message
    else if (reply) apply(reply, event, inputs)
  }
}

const begun = ({ model, usage }: Anthropic.Message): Reply => ({
  content: [],
  calls: [],
  stopReason: '',
  refusal: null,
  model,
  usage: { ...usage },
})

function apply(reply: Reply, event: Anthropic.RawMessageStreamEvent, inputs: Map<number, string>): void {
  switch (event.type) {
    case 'content_block_start':
      reply.content[event.index] = { ...event.content_block }
      break
    case 'content_block_delta':
      grow(reply.content[event.index], event, inputs)
      break
    case 'content_block_stop':
      finish(reply, event.index, inputs.get(event.index) ?? '')
      break
    case 'message_delta':
      reply.stopReason = event.delta.stop_reason ?? reply.stopReason
      reply.refusal = event.delta.stop_details?.type === 'refusal' ? (event.delta.stop_details.category ?? null) : null
      Object.assign(reply.usage, given(event.usage))
      break
  }
}

/** Counters of a `message_delta` are totals, and left out where they do not apply. */
const given = (usage: object) => Object.fromEntries(Object.entries(usage).filter(([, value]) => value != null))

function grow(
  block: Anthropic.ContentBlock | undefined,
  { index, delta }: Anthropic.RawContentBlockDeltaEvent,
  inputs: Map<number, string>,
): void {
  if (delta.type === 'input_json_delta') inputs.set(index, (inputs.get(index) ?? '') + delta.partial_json)
  if (delta.type === 'text_delta' && block?.type === 'text') block.text += delta.text
  if (delta.type === 'thinking_delta' && block?.type === 'thinking') block.thinking += delta.thinking
  if (delta.type === 'signature_delta' && block?.type === 'thinking') block.signature = delta.signature
}

function finish(reply: Reply, index: number, json: string): void {
  const block = reply.content[index]
  if (block?.type !== 'tool_use') return
  const input = parsed(json)
  // The next request must hold an object here, whatever came.
  reply.content[index] = { ...block, input: input ?? {} }
  reply.calls.push({ id: block.id, name: block.name, block: index, broken: input === null })
}

function parsed(json: string): object | null {
  if (json.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
