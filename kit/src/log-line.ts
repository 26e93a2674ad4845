/** What a line that a service writes on standard error tells its supervisor. */
import { z } from 'zod'

const Line = z.object({
  level: z.number(),
  msg: z.string().default(''),
  busy: z.int().nonnegative().optional(),
  err: z.object({ message: z.string() }).optional(),
})

const ERROR = 50

export type Told = { said: string; busy?: number; error?: string }

/** A line that is no JSON is what Node writes when a process breaks: every such line may be the reason. */
export function readLine(line: string): Told {
  const parsed = Line.safeParse(jsonOrNull(line))
  if (!parsed.success) return /^\w*(Error|Exception)\b/.test(line) ? { said: line, error: line } : { said: line }
  const { level, msg, busy, err } = parsed.data
  const error = err && msg !== err.message ? `${msg}: ${err.message}` : msg
  return { said: msg, ...(busy !== undefined && { busy }), ...(level >= ERROR && { error }) }
}

function jsonOrNull(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
