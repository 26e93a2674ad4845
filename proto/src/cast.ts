/** A terminal's recording as an asciicast v3 file says it (docs.asciinema.org/manual/asciicast/v3), read for whoever plays it. */
import { z } from 'zod'

/** `o` output, `i` input, `r` new size, `m` marker, `x` exit code. */
export type CastCode = 'o' | 'i' | 'r' | 'm' | 'x'
/** `at`: seconds from the beginning of the recording. */
export type CastEvent = { at: number; code: CastCode; data: string }
export type Cast = { cols: number; rows: number; timestamp?: number; events: CastEvent[] }

const Header = z.object({
  version: z.literal(3),
  term: z.object({ cols: z.int().positive(), rows: z.int().positive() }),
  timestamp: z.number().optional(),
})

/** Also of a recording whose writer was killed: a torn last line is left out. Null for what is none. */
export function parseCast(text: string): Cast | null {
  const [first = '', ...lines] = text.split('\n')
  const header = Header.safeParse(jsonOrNull(first))
  if (!header.success) return null
  let at = 0
  const events = lines.flatMap((line): CastEvent[] => {
    const parsed = jsonOrNull(line) as [number, CastCode, string] | null
    if (!parsed) return []
    at += parsed[0]
    return [{ at, code: parsed[1], data: parsed[2] }]
  })
  const { term, timestamp } = header.data
  return { cols: term.cols, rows: term.rows, ...(timestamp !== undefined && { timestamp }), events }
}

/** The same events with no pause longer than this. */
export function withoutIdle(events: readonly CastEvent[], seconds: number): CastEvent[] {
  let before = 0
  let at = 0
  return events.map((event) => {
    at += Math.min(event.at - before, seconds)
    before = event.at
    return { ...event, at }
  })
}

/** `120x36`, as an `r` event says it; null for anything else. */
export function sizeOf(data: string): { cols: number; rows: number } | null {
  const [, cols, rows] = /^(\d{1,4})x(\d{1,4})$/.exec(data) ?? []
  return Number(cols) > 0 && Number(rows) > 0 ? { cols: Number(cols), rows: Number(rows) } : null
}

function jsonOrNull(line: string): unknown {
  if (!line || line.startsWith('#')) return null
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
