/** The shape of a request: every field and block the API knows, and none it does not. */
import { z } from 'zod'
import { type ImageMediaType, imageMediaType } from './messages-image.ts'
import type { Fault, MessagesRequest } from './messages-wire.ts'

/** Of one picture, decoded. */
const IMAGE_BYTES_MAX = 5 * 1024 * 1024

const CacheControl = z.strictObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() })
const marked = { cache_control: CacheControl.nullish() }

const Text = z.strictObject({
  type: z.literal('text'),
  text: z
    .string()
    .min(1, 'text content blocks must be non-empty')
    .refine((text) => text.trim() !== '', 'text content blocks must contain non-whitespace text'),
  citations: z.array(z.unknown()).nullish(),
  ...marked,
})

const Base64Image = z
  .strictObject({
    type: z.literal('base64'),
    media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
    data: z.string(),
  })
  .superRefine(({ data, media_type }, context) => {
    const problem = imageProblem(data, media_type)
    if (problem) context.addIssue({ code: 'custom', message: problem })
  })

function imageProblem(data: string, mediaType: ImageMediaType): string | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data) || data.length % 4 !== 0) return 'invalid base64 data'
  const bytes = Buffer.from(data, 'base64')
  if (bytes.length > IMAGE_BYTES_MAX)
    return `image exceeds 5 MB maximum: ${bytes.length} bytes > ${IMAGE_BYTES_MAX} bytes`
  const actual = imageMediaType(bytes)
  if (actual === undefined) return 'Could not process image'
  return actual === mediaType
    ? undefined
    : `the image was specified using the ${mediaType} media type, but appears to be ${actual}`
}

const Image = z.strictObject({
  type: z.literal('image'),
  source: z.union([
    Base64Image,
    z.strictObject({ type: z.literal('url'), url: z.url() }),
    z.strictObject({ type: z.literal('file'), file_id: z.string() }),
  ]),
  transformations: z.unknown().optional(),
  ...marked,
})

const Document = z.looseObject({ type: z.literal('document'), source: z.looseObject({ type: z.string() }), ...marked })
const SearchResult = z.looseObject({ type: z.literal('search_result'), content: z.array(z.unknown()), ...marked })

const ToolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string().min(1).max(200),
  input: z.record(z.string(), z.unknown()),
  caller: z.unknown().optional(),
  toolset_name: z.string().nullish(),
  ...marked,
})

const ToolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  content: z
    .union([z.string(), z.array(z.discriminatedUnion('type', [Text, Image, Document, SearchResult]))])
    .optional(),
  is_error: z.boolean().optional(),
  ...marked,
})

// These have no `cache_control`: thinking is never a breakpoint.
const Thinking = z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() })
const RedactedThinking = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() })

/** What the API's own tools leave in a conversation; accepted as it comes. */
const SERVER_BLOCKS = [
  'server_tool_use',
  'web_search_tool_result',
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'bash_code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
  'container_upload',
] as const
const ServerBlock = z.looseObject({ type: z.enum(SERVER_BLOCKS), ...marked })

const ContentBlock = z.discriminatedUnion(
  'type',
  [Text, Image, Document, SearchResult, ToolUse, ToolResult, Thinking, RedactedThinking, ServerBlock],
  { error: unknownType },
)

function unknownType({ code, input }: { code?: string; input?: unknown }): string | undefined {
  if (code !== 'invalid_union') return undefined
  const type = typeof input === 'object' && input !== null && 'type' in input ? String(input.type) : 'none'
  return `Input tag '${type}' found using 'type' does not match any of the expected tags`
}

const content = z.union([z.string(), z.array(ContentBlock)])

const Role = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('user'), content }),
  z.strictObject({ role: z.literal('assistant'), content }),
  // Its effort may change in the middle of a conversation (beta `per-turn-control-2026-07-01`).
  z.strictObject({
    role: z.literal('system'),
    content: z.union([z.string(), z.array(Text)]),
    output_config: z.object({ effort: z.string() }).optional(),
  }),
])

const CustomTool = z.looseObject({
  type: z.literal('custom').optional(),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  ...marked,
})
const BuiltInTool = z.looseObject({ type: z.string().regex(/_\d{8}$/), name: z.string().optional(), ...marked })

const ToolChoice = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('auto'), disable_parallel_tool_use: z.boolean().optional() }),
  z.strictObject({ type: z.literal('any'), disable_parallel_tool_use: z.boolean().optional() }),
  z.strictObject({ type: z.literal('tool'), name: z.string(), disable_parallel_tool_use: z.boolean().optional() }),
  z.strictObject({ type: z.literal('none') }),
])

/** `updates` came with a beta of Claude Code’s. */
const display = z.enum(['summarized', 'omitted', 'updates']).nullish()
const ThinkingConfig = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('adaptive'), display }),
  z.strictObject({ type: z.literal('between_tools') }),
  z.strictObject({ type: z.literal('disabled') }),
  z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1_024), display }),
])

/** What clients add with a beta header, as the SDK's beta types have it. */
const beta = {
  display: z.enum(['summarized', 'omitted', 'updates']).nullish(),
  block_binding: z.strictObject({ prefix_mismatch_behavior: z.enum(['error', 'drop_block']).nullish() }).nullish(),
}
const BetaThinkingConfig = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('adaptive'), ...beta }),
  z.strictObject({ type: z.literal('between_tools') }),
  z.strictObject({ type: z.literal('disabled') }),
  z.strictObject({ type: z.literal('enabled'), budget_tokens: z.int().min(1_024), ...beta }),
])

const OutputConfig = z.strictObject({
  effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  format: z.strictObject({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).nullish(),
})

const CountRequest = z.strictObject({
  model: z.string().min(1),
  messages: z.array(Role).min(1, 'at least one message is required').max(100_000),
  system: z.union([z.string(), z.array(Text)]).optional(),
  tools: z.array(z.union([CustomTool, BuiltInTool])).optional(),
  tool_choice: ToolChoice.optional(),
  thinking: ThinkingConfig.optional(),
  output_config: OutputConfig.optional(),
  cache_control: CacheControl.nullish(),
})

const Request = CountRequest.extend({
  max_tokens: z.int().min(0),
  stream: z.boolean().optional(),
  stop_sequences: z
    .array(z.string().refine((stop) => stop.trim() !== '', 'each stop sequence must contain non-whitespace'))
    .optional(),
  metadata: z.strictObject({ user_id: z.string().max(256).nullish() }).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
  speed: z.enum(['standard', 'fast']).nullish(),
  inference_geo: z.string().nullish(),
  container: z.unknown().optional(),
  diagnostics: z.strictObject({ previous_message_id: z.string().nullish() }).nullish(),
  // Gone since 2026-10-21, a rule of their own: older versions still take them.
  temperature: z.number().min(0).max(1).optional(),
  top_p: z.number().optional(),
  top_k: z.number().optional(),
})

export type Shaped = { request: MessagesRequest } | { fault: Fault }

/** Reads a request; `beta` lets fields pass that a beta header may have brought, `counting` asks for what `count_tokens` takes. */
export function parseRequest(body: unknown, { beta, counting }: { beta: boolean; counting: boolean }): Shaped {
  const strict = counting ? CountRequest : Request
  const loose = z.looseObject({ ...strict.shape, thinking: BetaThinkingConfig.optional() })
  const { data, error } = (beta ? loose : strict).safeParse(body)
  // The schema is written after these types; what it accepts, a script may read by them.
  if (data !== undefined) return { request: body as MessagesRequest }
  return { fault: { type: 'invalid_request_error', message: sentence(error.issues[0]) } }
}

/** The innermost problem, with its path, as the API writes it: `messages.0.content.1.text: …`. */
function sentence(issue: z.core.$ZodIssue | undefined, base: PropertyKey[] = []): string {
  if (!issue) return 'invalid request'
  const path = [...base, ...issue.path]
  const deeper = issue.code === 'invalid_union' ? closest(issue.errors) : undefined
  if (deeper) return sentence(deeper, path)
  if (issue.code === 'unrecognized_keys') return `${[...path, issue.keys[0]].join('.')}: Extra inputs are not permitted`
  const missing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  return `${path.map(String).join('.')}: ${missing ? 'Field required' : issue.message}`
}

/** Of the alternatives of a union the one that fitted furthest. */
const closest = (errors: z.core.$ZodIssue[][]): z.core.$ZodIssue | undefined =>
  errors.flatMap((issues) => issues[0] ?? []).toSorted((a, b) => b.path.length - a.path.length)[0]
