/** What the API refuses beyond the shape of a request. Each rule is one function; each has a test that breaks it. */
import type Anthropic from '@anthropic-ai/sdk'
import { cacheable } from './messages-cache.ts'
import { imageCount, imageSides } from './messages-image-rules.ts'
import { toolPairs } from './messages-pair-rules.ts'
import { type Block, blocksOf, type Fault, type MessagesRequest, signatureOf } from './messages-wire.ts'

/** Since this API version sampling parameters are gone, and documents in the assistant's turns. */
const VERSION_WITHOUT_SAMPLING = '2026-10-21'

/** "What's new" of Opus 5.5, Sonnet 5.5, Fable and Mythos 5.x: no forced tools, thinking cannot be switched off. */
const alwaysThinks = (model: string) => /^claude-(opus-5-5|sonnet-5-5|fable-5-[12]|mythos-5-[12])/.test(model)
const refusesPrefill = (model: string) =>
  /^claude-((opus|sonnet|haiku|fable|mythos)-5|(opus|sonnet)-4-[678])/.test(model)

type Rule = (request: MessagesRequest, version: string) => string | Fault | undefined

const RULES: Rule[] = [
  sampling,
  firstMessage,
  emptyContent,
  placeOfBlocks,
  prefill,
  toolNames,
  toolChoice,
  thinkingMode,
  thinkingUnchanged,
  outputFormat,
  breakpoints,
  toolPairs,
  imageCount,
  imageSides,
]

/** The first rule a request breaks, or nothing. `version` is its `anthropic-version`. */
export function brokenRule(request: MessagesRequest, version: string): Fault | undefined {
  for (const rule of RULES) {
    const broken = rule(request, version)
    if (typeof broken === 'string') return { type: 'invalid_request_error', message: broken }
    if (broken) return broken
  }
  return undefined
}

function sampling(request: MessagesRequest, version: string) {
  if (version < VERSION_WITHOUT_SAMPLING) return undefined
  const used = ['temperature', 'top_p', 'top_k'].find((field) => field in request)
  return used && `${used}: Extra inputs are not permitted`
}

function firstMessage({ messages }: MessagesRequest) {
  const first = messages.find(({ role }) => role !== 'system')
  return first?.role === 'user' ? undefined : 'messages: first message must use the "user" role'
}

function emptyContent({ messages }: MessagesRequest) {
  const at = messages.findIndex(
    ({ content, role }, i) => content.length === 0 && !(role === 'assistant' && i === messages.length - 1),
  )
  return at < 0
    ? undefined
    : `messages.${at}: all messages must have non-empty content except for the optional final assistant message`
}

const ONLY_USER = ['tool_result', 'image', 'search_result', 'container_upload']
const ONLY_ASSISTANT = ['tool_use', 'thinking', 'redacted_thinking', 'server_tool_use']

function placeOfBlocks({ messages }: MessagesRequest, version: string) {
  const newest = version >= VERSION_WITHOUT_SAMPLING
  for (const [i, { role, content }] of messages.entries()) {
    for (const [j, block] of blocksOf(content).entries()) {
      const wrong = role === 'assistant' ? [...ONLY_USER, ...(newest ? ['document'] : [])] : ONLY_ASSISTANT
      if (wrong.includes(block.type))
        return `messages.${i}.content.${j}: \`${block.type}\` blocks are not allowed in \`${role}\` messages`
      if (newest && role === 'user' && block.type === 'text' && block.citations)
        return `messages.${i}.content.${j}.citations: Extra inputs are not permitted`
    }
  }
  return undefined
}

function prefill({ messages, model }: MessagesRequest) {
  const last = messages.at(-1)
  if (last?.role !== 'assistant' || !refusesPrefill(model)) return undefined
  // A turn the API paused ends in its own tool's block, and is sent back to go on.
  if (blocksOf(last.content).at(-1)?.type.startsWith('server_')) return undefined
  return 'This model does not support assistant message prefill. The conversation must end with a user message.'
}

const nameOf = (tool: Anthropic.ToolUnion): string => ('name' in tool ? tool.name : tool.type)

function toolNames({ tools = [] }: MessagesRequest) {
  return new Set(tools.map(nameOf)).size === tools.length ? undefined : 'tools: Tool names must be unique.'
}

function toolChoice({ tool_choice: choice, tools = [], model, thinking }: MessagesRequest) {
  if (!choice) return undefined
  if (tools.length === 0) return 'tool_choice: may only be specified while providing tools'
  if (choice.type === 'tool' && !tools.some((tool) => nameOf(tool) === choice.name))
    return `tool_choice.name: Tool '${choice.name}' not found in provided tools`
  if (choice.type !== 'any' && choice.type !== 'tool') return undefined
  if (alwaysThinks(model)) return `tool_choice: forced tool use is not supported on ${model}`
  return thinking?.type === 'enabled' ? 'Thinking may not be enabled when tool_choice forces tool use.' : undefined
}

function thinkingMode({ thinking, model, max_tokens }: MessagesRequest) {
  if (!thinking) return undefined
  if (alwaysThinks(model) && (thinking.type === 'disabled' || thinking.type === 'enabled'))
    return `thinking.type: "${thinking.type}" is not supported on ${model}`
  if (thinking.type !== 'enabled' || max_tokens === undefined) return undefined
  return thinking.budget_tokens < max_tokens ? undefined : '`max_tokens` must be greater than `thinking.budget_tokens`'
}

function thinkingUnchanged({ messages, model }: MessagesRequest) {
  for (const [i, { content }] of messages.entries()) {
    for (const [j, block] of blocksOf(content).entries()) {
      if (block.type === 'thinking' && block.signature !== signatureOf(block.thinking, model))
        return `messages.${i}.content.${j}: Invalid \`signature\` in \`thinking\` block`
    }
  }
  return undefined
}

function outputFormat({ output_config }: MessagesRequest) {
  return output_config?.format ? openObject(output_config.format.schema, 'output_config.format.schema') : undefined
}

/** Output can only be held to a schema whose every object is closed. */
function openObject(schema: unknown, path: string): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  if (
    'type' in schema &&
    schema.type === 'object' &&
    !('additionalProperties' in schema && schema.additionalProperties === false)
  ) {
    return `${path}: For 'object' type, 'additionalProperties' must be explicitly set to false`
  }
  for (const [key, inner] of Object.entries(schema)) {
    const open = openObject(inner, `${path}.${key}`)
    if (open) return open
  }
  return undefined
}

function breakpoints(request: MessagesRequest) {
  const marked = promptParts(request).filter((part) => part.cache_control)
  const last = promptParts(request).findLast(cacheable)
  const own = request.cache_control
  const count = marked.length + (own && !last?.cache_control ? 1 : 0)
  if (count > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${count}.`
  const ttls = [...marked.map((part) => part.cache_control?.ttl ?? '5m'), ...(own ? [own.ttl ?? '5m'] : [])]
  // What is kept longer must come first: the shorter would end it.
  const short = ttls.indexOf('5m')
  if (short >= 0 && ttls.lastIndexOf('1h') > short)
    return "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block."
  return undefined
}

type Part = { type?: string | null; cache_control?: Anthropic.CacheControlEphemeral | null }

/** Everything that may carry a mark, in the order it is cached; what a tool result holds is marked with it or by itself. */
function promptParts({ tools = [], system, messages }: MessagesRequest): Part[] {
  const inner = (block: Block): Part[] =>
    block.type === 'tool_result' ? [...(blocksOf(block.content as Block[]) as Part[]), block] : [block as Part]
  return [
    ...(tools as Part[]),
    ...(blocksOf(system) as Part[]),
    ...messages.flatMap(({ content }) => blocksOf(content).flatMap(inner)),
  ]
}
