/** What an answer of the Messages API says of itself, read beside its bytes: who it is, what it cost, how it ended, what went wrong. */
import { z } from 'zod'
import type { ApiUsage } from './prices.ts'

export type MessageRead = {
  id: string | null
  model: string | null
  usage: ApiUsage | null
  /** The final count of what came out is among `usage`. */
  final: boolean
  stopReason: string | null
  /** Why the API would not answer, as it says it. */
  problem: { type: string; message: string; details?: unknown } | null
}

export type MessageReader = { read(chunk: Uint8Array): void; message(): MessageRead }

const Counted = z.looseObject({})
// What it cost is read also where nobody says who answered.
const Named = { id: z.string().nullish(), model: z.string().nullish() }
const Problem = z.object({ type: z.string(), message: z.string(), details: z.unknown().optional() })
const Said = z.union([
  z.object({
    type: z.literal('message_start'),
    message: z.object({ ...Named, usage: Counted.nullish() }),
  }),
  z.object({
    type: z.literal('message_delta'),
    delta: z.object({ stop_reason: z.string().nullish() }).nullish(),
    usage: Counted.nullish(),
  }),
  z.object({ type: z.literal('error'), error: Problem }),
  z.object({
    type: z.literal('message'),
    ...{ ...Named, usage: Counted.nullish(), stop_reason: z.string().nullish() },
  }),
])

/** Of a stream of events (WHATWG HTML, 9.2) or of an answer in one piece, as its content type says. */
export function messageReader(contentType: string | undefined): MessageReader {
  return contentType?.includes('text/event-stream') ? streamReader() : wholeReader()
}

const nothing: MessageRead = { id: null, model: null, usage: null, final: false, stopReason: null, problem: null }

function streamReader(): MessageReader {
  const decoder = new TextDecoder()
  let rest = ''
  let message = nothing
  return {
    read(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/)
      rest = lines.pop() ?? ''
      // Most lines are words of the model, which nobody reads here.
      const told = lines.filter((line) => line.startsWith('data:') && /"(usage|error)"/.test(line))
      for (const line of told) message = evolve(message, parsed(line.slice(5)))
    },
    message: () => message,
  }
}

function wholeReader(): MessageReader {
  const chunks: Uint8Array[] = []
  return {
    read: (chunk) => void chunks.push(chunk),
    message: () => evolve(nothing, parsed(Buffer.concat(chunks).toString('utf8'))),
  }
}

function evolve(message: MessageRead, json: unknown): MessageRead {
  const read = Said.safeParse(json)
  if (!read.success) return message
  const said = read.data
  switch (said.type) {
    case 'message_start': {
      const { id = null, model = null, usage } = said.message
      return { ...message, id, model, usage: given(usage) }
    }
    // Later counts are totals and replace earlier ones.
    case 'message_delta': {
      const { usage, delta } = said
      const counted = usage ? { usage: { ...message.usage, ...given(usage) }, final: true } : {}
      return { ...message, ...counted, stopReason: delta?.stop_reason ?? message.stopReason }
    }
    case 'message': {
      const { id = null, model = null, usage, stop_reason: stopReason = null } = said
      return { ...message, id, model, usage: given(usage), final: usage != null, stopReason }
    }
    case 'error':
      return { ...message, problem: said.error as MessageRead['problem'] }
  }
}

/** What does not apply is null, and says nothing. */
const given = (usage: object | null | undefined): ApiUsage | null =>
  usage ? Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null)) : null

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
