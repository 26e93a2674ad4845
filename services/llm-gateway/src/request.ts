/** What a request to a model may hold, and how many tokens it can be at most: only what can be bounded is let through. */
import { z } from 'zod'

/** These change the price of a token, or put tokens into the prompt that do not stand in the request. */
const unbounded = ['speed', 'inference_geo', 'thread', 'container', 'mcp_servers', 'fallbacks', 'fallback'] as const

export const ModelRequest = z
  .looseObject({
    model: z.string().min(1),
    max_tokens: z.int().nonnegative(),
    stream: z.boolean().optional(),
    messages: z.array(z.unknown()).min(1),
    tools: z.array(z.looseObject({ type: z.string().optional() })).optional(),
    service_tier: z.enum(['auto', 'standard_only']).optional(),
  })
  .superRefine((request, context) => {
    for (const name of unbounded)
      if (request[name] !== undefined && request[name] !== null)
        context.addIssue({
          code: 'custom',
          message: `${name} is not let through: what it costs cannot be said beforehand`,
        })
    // Tools that run at the provider cost money of their own.
    const foreign = request.tools?.find((tool) => tool.type !== undefined && !isLocalTool(tool.type))
    if (foreign)
      context.addIssue({
        code: 'custom',
        message: `tools of type ${foreign.type} are not let through: they cost extra`,
      })
    const block = [...blocksIn(request.messages), ...blocksIn(request.system)].find((b) => b.type === 'document')
    if (block)
      context.addIssue({ code: 'custom', message: 'documents are not let through: their tokens cannot be bounded' })
  })
export type ModelRequest = z.infer<typeof ModelRequest>

const isLocalTool = (type: string): boolean => /^(custom|bash_|text_editor_|memory_|computer_|browser_)/.test(type)

/** Blocks anywhere inside: a result holds blocks of its own. */
function blocksIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(blocksIn)
  if (typeof value !== 'object' || value === null) return []
  const block = value as Record<string, unknown>
  return [...(typeof block.type === 'string' ? [block] : []), ...blocksIn(block.content)]
}

/** Anthropic's vision guide: width × height / 750, larger pictures are scaled down first; newest models take up to this many. */
const IMAGE_TOKENS_AT_MOST = 4_784
const PIXELS_PER_TOKEN = 750
/** What the API adds by itself: the tool preamble and the frame around messages. */
const OVERHEAD_TOKENS = 1_000

/**
 * More tokens than the prompt can have: half the bytes of its JSON, pictures by their pixels.
 * English is about four bytes a token and code three; JSON's own signs are counted too, so half is far on the safe side.
 */
export function promptTokensAtMost(request: ModelRequest): number {
  const pictures: number[] = []
  const text = JSON.stringify(request, (_key, value: unknown) => {
    if (!isPicture(value)) return value
    pictures.push(pictureTokens(value.source))
    return null
  })
  return OVERHEAD_TOKENS + Math.ceil(Buffer.byteLength(text) / 2) + pictures.reduce((sum, n) => sum + n, 0)
}

type Source = { type?: unknown; data?: unknown; media_type?: unknown }

function isPicture(value: unknown): value is { source: Source } {
  const block = value as { type?: unknown; source?: unknown } | null
  return (
    typeof block === 'object' && block?.type === 'image' && typeof block.source === 'object' && block.source !== null
  )
}

/** The size of a PNG stands in its first chunk (PNG, third edition, 11.2.1); others count as the largest. */
function pictureTokens({ type, data, media_type }: Source): number {
  if (type !== 'base64' || typeof data !== 'string' || media_type !== 'image/png') return IMAGE_TOKENS_AT_MOST
  const head = Buffer.from(data.slice(0, 64), 'base64')
  if (head.length < 24 || head.readUInt32BE(0) !== 0x89504e47) return IMAGE_TOKENS_AT_MOST
  const pixels = head.readUInt32BE(16) * head.readUInt32BE(20)
  return Math.min(IMAGE_TOKENS_AT_MOST, Math.ceil(pixels / PIXELS_PER_TOKEN))
}
