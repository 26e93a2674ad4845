/** The usage a model's answer reports, read beside the bytes that pass. */
import type { ApiUsage } from '@sluice/kit/prices.ts'
import { z } from 'zod'

export type Reported = {
  usage: ApiUsage | null
  /** The final count of output tokens was among it. */
  final: boolean
}

export type UsageReader = { read(chunk: Uint8Array): void; reported(): Reported }

const Counted = z.looseObject({})
const Line = z.union([
  z.looseObject({ type: z.literal('message_start'), message: z.looseObject({ usage: Counted }) }),
  z.looseObject({ type: z.literal('message_delta'), usage: Counted }),
])
const Whole = z.looseObject({ type: z.literal('message'), usage: Counted })

/** Of an event stream (WHATWG HTML, 9.2): `message_start` counts what went in, the last `message_delta` what came out. */
export function streamUsage(): UsageReader {
  const decoder = new TextDecoder()
  let rest = ''
  let usage: ApiUsage | null = null
  let final = false
  return {
    read(chunk) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/)
      rest = lines.pop() ?? ''
      for (const line of lines) {
        // Most lines are words of the model, which nobody here reads.
        if (!line.startsWith('data:') || !line.includes('"usage"')) continue
        const event = Line.safeParse(parsed(line.slice(5)))
        if (!event.success) continue
        const said = event.data
        if (said.type === 'message_start') usage = given((said.message as { usage: object }).usage)
        else {
          usage = { ...usage, ...given(said.usage as object) }
          final = true
        }
      }
    },
    reported: () => ({ usage, final }),
  }
}

/** Of an answer in one piece. */
export function wholeUsage(): UsageReader {
  const chunks: Uint8Array[] = []
  return {
    read: (chunk) => void chunks.push(chunk),
    reported() {
      const message = Whole.safeParse(parsed(Buffer.concat(chunks).toString('utf8')))
      return message.success ? { usage: message.data.usage, final: true } : { usage: null, final: false }
    },
  }
}

/** Later counts are totals and replace earlier ones; what does not apply is null. */
const given = (usage: object): ApiUsage =>
  Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null))

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
