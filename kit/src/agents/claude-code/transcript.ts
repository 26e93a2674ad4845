/** The conversation as Claude Code keeps it, a line of JSON each: what was said, read as it grows. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { z } from 'zod'
import type { ApiUsage } from '../../prices.ts'

/** One line is one block of a message; lines of a message share its id. */
export type SpokenLine = {
  /** Of the line. */
  uuid: string
  messageId: string
  model: string
  text: string[]
  thinking: string[]
  usage: ApiUsage | null
}

const Line = z.object({
  type: z.literal('assistant'),
  uuid: z.string(),
  isSidechain: z.boolean().optional(),
  isApiErrorMessage: z.boolean().optional(),
  message: z.object({
    id: z.string(),
    model: z.string(),
    content: z.array(z.looseObject({ type: z.string(), text: z.string().optional(), thinking: z.string().optional() })),
    stop_reason: z.string().nullish(),
    usage: z.looseObject({}).nullish(),
  }),
})

export type Transcript = {
  /** The model's lines since the last call, whole ones only; those of helpers it started are their own. */
  news(file: string): SpokenLine[]
}

export function openTranscript(): Transcript {
  let at = 0
  return {
    news(file) {
      const { lines, next } = linesAfter(file, at)
      at = next
      return lines.flatMap(spokenIn)
    },
  }
}

const WORDS = z.union([
  z.object({ type: z.literal('user'), message: z.object({ content: z.unknown() }) }),
  z.object({ type: z.literal('attachment'), attachment: z.looseObject({ type: z.literal('queued_command') }) }),
])

/** Whether words stand in the conversation, and not only in the queue before it: by their first line. */
export function hasHeard(file: string, words: string): boolean {
  const [first = ''] = words.trim().split('\n')
  const wanted = JSON.stringify(first.replaceAll('\t', '    ')).slice(1, -1)
  const { lines } = linesAfter(file, 0)
  return lines.some((line) => line.includes(wanted) && WORDS.safeParse(parsed(line)).success)
}

function linesAfter(file: string, from: number): { lines: string[]; next: number } {
  const fd = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - from))
    const read = readSync(fd, bytes, 0, bytes.length, from)
    // The last line may be half written.
    const end = bytes.subarray(0, read).lastIndexOf(10) + 1
    return { lines: bytes.subarray(0, end).toString('utf8').split('\n').filter(Boolean), next: from + end }
  } finally {
    closeSync(fd)
  }
}

function spokenIn(line: string): SpokenLine[] {
  if (!line.includes('"assistant"')) return []
  const read = Line.safeParse(parsed(line))
  if (!read.success || read.data.isSidechain || read.data.isApiErrorMessage) return []
  const { uuid, message } = read.data
  const { id, model, content, stop_reason, usage } = message
  const words = (kind: 'text' | 'thinking') =>
    content.flatMap((block) => (block.type === kind && block[kind]?.trim() ? [block[kind]] : []))
  // Before its end a message has counted nothing.
  const counted = stop_reason && usage ? (usage as ApiUsage) : null
  return [{ uuid, messageId: id, model, text: words('text'), thinking: words('thinking'), usage: counted }]
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
