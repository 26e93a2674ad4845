/** A conversation as one request: the same journal makes the same bytes, so that what was sent before is read from the cache. */
import type Anthropic from '@anthropic-ai/sdk'
import { thinkingOf } from './abilities.ts'
import type { Conversation, Setup } from './conversation.ts'
import type { Stored } from './stored.ts'

type Restore = (blocks: readonly Stored[]) => Promise<Anthropic.ContentBlockParam[]>
type Body = Omit<Anthropic.MessageCreateParamsStreaming, 'stream'>
type Message = { role: 'user' | 'assistant'; content: Anthropic.ContentBlockParam[] }

/**
 * Three of the four marks the API allows, in the order tools, system, messages. The system's holds for an hour. The tail's writes what is
 * new. The one before it stands where the last request ended: from the tail the API looks back over twenty blocks only, and one turn with
 * many calls is longer than that.
 */
export async function requestFor(
  { messages, slow }: Conversation,
  setup: Setup,
  { restore, tools }: { restore: Restore; tools: Anthropic.Tool[] },
): Promise<Body> {
  const system = (await restore(setup.system)) as Anthropic.TextBlockParam[]
  const said: Message[] = await Promise.all(
    messages.map(async ({ role, content }) => ({ role, content: await restore(content) })),
  )
  const tail = { type: 'ephemeral' as const, ...(slow && { ttl: '1h' as const }) }
  return {
    model: setup.model,
    max_tokens: setup.maxTokens,
    system: system.map((block) => ({ ...block, cache_control: { type: 'ephemeral' as const, ttl: '1h' as const } })),
    cache_control: tail,
    tools,
    messages: markedBeforeTail(said, tail),
    ...thinkingOf(setup.model),
    ...(setup.effort ? { output_config: { effort: setup.effort } } : {}),
  }
}

function markedBeforeTail(messages: Message[], mark: Anthropic.CacheControlEphemeral): Message[] {
  const before = messages.slice(0, -1).findLastIndex(({ role }) => role === 'user')
  return messages.map((message, i) => (i === before ? { ...message, content: marked(message.content, mark) } : message))
}

/** On the last block; what an agent's side says always ends with one that can be marked. */
const marked = (content: Anthropic.ContentBlockParam[], mark: Anthropic.CacheControlEphemeral) =>
  content.map((block, i) =>
    i === content.length - 1 ? ({ ...block, cache_control: mark } as Anthropic.ContentBlockParam) : block,
  )
