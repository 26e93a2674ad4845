/** Accounts prompt caching as the API documents it: what of a request is read from the cache, what is written, what is neither. */
import { createHash } from 'node:crypto'
import type Anthropic from '@anthropic-ai/sdk'
import type { InputUsage } from './messages-answer.ts'
import { countTokens } from './messages-tokens.ts'
import { blocksOf, type MessagesRequest } from './messages-wire.ts'

/** An earlier write is looked for at a breakpoint and at this many blocks in all, back from it. */
const LOOKBACK_BLOCKS = 20
const TTL_MS = { '5m': 5 * 60_000, '1h': 60 * 60_000 }
type Ttl = keyof typeof TTL_MS

/** The shortest prefix that is cached, in tokens. */
export const minimumTokens = (model: string): number => (/haiku-4-5|opus-4-[567]/.test(model) ? 4_096 : 1_024)

export type PromptCache = {
  /** `commit` is called when the answer begins: only then may another request read what this one writes. */
  account(request: MessagesRequest): { usage: InputUsage; commit(): void }
}

type Entry = { ttl: Ttl; expiresAt: number }
/** One block of the prompt: the hash of all up to its end, the tokens up to there, and whether it is a breakpoint. */
type Step = { hash: string; end: number; ttl?: Ttl }

/** One cache for all who ask. `now` in milliseconds: time is handed in, so that expiry can be tested. */
export function createPromptCache(now: () => number): PromptCache {
  const entries = new Map<string, Entry>()
  const alive = (hash: string) => (entries.get(hash)?.expiresAt ?? 0) > now()
  const keep = (hash: string, ttl: Ttl) => entries.set(hash, { ttl, expiresAt: now() + TTL_MS[ttl] })

  function account(request: MessagesRequest) {
    const steps = stepsOf(request)
    const marks = steps.flatMap(({ ttl, end }, i) =>
      ttl && end >= minimumTokens(request.model) ? [{ i, ttl, end }] : [],
    )
    const hit = longestHit(
      steps,
      marks.map(({ i }) => i),
      alive,
    )
    const read = hit === undefined ? 0 : (steps[hit]?.end ?? 0)
    const written = writes(marks, read)
    const total = steps.at(-1)?.end ?? 0
    const creation = written['5m'] + written['1h']
    return {
      usage: {
        input_tokens: total - read - creation,
        cache_read_input_tokens: read,
        cache_creation_input_tokens: creation,
        cache_creation: { ephemeral_5m_input_tokens: written['5m'], ephemeral_1h_input_tokens: written['1h'] },
      },
      commit() {
        const hash = hit === undefined ? undefined : steps[hit]?.hash
        // A read refreshes what it read, for as long as that was written for.
        if (hash !== undefined) keep(hash, entries.get(hash)?.ttl ?? '5m')
        for (const { i, ttl, end } of marks) if (end > read && steps[i]) keep(steps[i].hash, ttl)
      },
    }
  }
  return { account }
}

/** The tokens of a prompt, as `count_tokens` says them: the same sum that usage splits. */
export const promptTokens = (request: MessagesRequest): number => stepsOf(request).at(-1)?.end ?? 0

function longestHit(steps: Step[], marks: number[], alive: (hash: string) => boolean): number | undefined {
  for (const mark of marks.toReversed()) {
    for (let i = mark; i >= 0 && i > mark - LOOKBACK_BLOCKS; i--) if (alive(steps[i]?.hash ?? '')) return i
  }
  return undefined
}

/** What lies between the read and each breakpoint is written for as long as that breakpoint says. */
function writes(marks: { ttl: Ttl; end: number }[], read: number): Record<Ttl, number> {
  const written: Record<Ttl, number> = { '5m': 0, '1h': 0 }
  let from = read
  for (const { ttl, end } of marks) {
    written[ttl] += Math.max(0, end - from)
    from = Math.max(from, end)
  }
  return written
}

/** The prompt in the order it is cached: tools, system, messages. */
function stepsOf(request: MessagesRequest): Step[] {
  const { model, tools = [], system, messages, tool_choice, thinking, output_config } = request
  const parts: { part: unknown; control?: Anthropic.CacheControlEphemeral | null }[] = []
  const salts = new Map<number, unknown>([[0, model]])
  const add = (part: { cache_control?: Anthropic.CacheControlEphemeral | null }, role?: string) => {
    const { cache_control: control, ...rest } = part
    parts.push({ part: role === undefined ? rest : { role, ...rest }, ...(control && { control }) })
  }
  for (const tool of tools) add(tool)
  // Another output format voids what follows the tools; another tool choice or thinking, what follows the system prompt.
  salts.set(parts.length, [model, salts.get(parts.length), output_config?.format])
  for (const block of blocksOf(system)) add(block as Anthropic.TextBlockParam)
  salts.set(parts.length, [salts.get(parts.length), tool_choice, thinking])
  for (const { role, content } of messages)
    for (const block of blocksOf(content)) add(block as Anthropic.TextBlockParam, role)

  const automatic = request.cache_control ? parts.findLastIndex(({ part }) => cacheable(part)) : -1
  let hash = ''
  let end = 0
  return parts.map(({ part, control }, i) => {
    hash = createHash('sha256')
      .update(`${hash}${JSON.stringify([salts.get(i), part])}`)
      .digest('base64')
    end += countTokens(part)
    const mark = control ?? (i === automatic ? request.cache_control : undefined)
    return { hash, end, ...(mark && { ttl: mark.ttl ?? '5m' }) }
  })
}

/** Thinking is cached with what follows it, never marked itself. */
export const cacheable = (part: unknown): boolean =>
  !(
    typeof part === 'object' &&
    part !== null &&
    'type' in part &&
    (part.type === 'thinking' || part.type === 'redacted_thinking')
  )
