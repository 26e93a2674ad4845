/** How often a conversation has just made the same call of a tool: read from the request, so for every engine alike. */
import type { ModelRequest } from './request.ts'

/** `times` with the same result, `calls` whatever came of it. */
export type Repeats = { tool: string; input: string; times: number; calls: number }

const SHOWN = 200
const none: Repeats = { tool: '', input: '', times: 0, calls: 0 }
/** A look at something that changes is no circle until it has lasted. */
const PATIENCE = 3

/** `passed` is what the person let pass when they sent it on. */
export const isCircle = ({ times, calls }: Repeats, most: number, passed = 0): boolean =>
  times - passed >= most || calls - passed >= most * PATIENCE

/**
 * The same call, time and again, with nothing else in between. Messages that make several calls count by all of them together; a word of
 * the person begins anew, since it may be what breaks the circle.
 */
export function repeatsIn({ messages }: Pick<ModelRequest, 'messages'>): Repeats {
  let [lastCall, lastResult] = ['', '']
  let found = none
  for (const message of messages as Message[]) {
    if (message.role === 'user') {
      if (wordsIn(message)) [lastCall, found] = ['', none]
      const result = resultsIn(message)
      if (found.calls > 1 && result !== lastResult) found = { ...found, times: 1 }
      lastResult = result
      continue
    }
    const calls = callsIn(message)
    if (calls.length === 0) continue
    const call = JSON.stringify(calls.map(({ name, input }) => [name, sorted(input)]))
    const { name = '', input } = calls[0] ?? {}
    const { times, calls: before } = call === lastCall ? found : none
    found = { tool: name, input: clipped(input), times: times + 1, calls: before + 1 }
    lastCall = call
  }
  return found
}

type Block = { type?: unknown; name?: string; input?: unknown; text?: unknown; content?: unknown }
type Message = { role?: unknown; content?: unknown }

const blocksOf = ({ content }: Message): Block[] => (Array.isArray(content) ? (content as Block[]) : [])
const callsIn = (message: Message): Block[] =>
  message.role === 'assistant' ? blocksOf(message).filter(({ type }) => type === 'tool_use') : []

const resultsIn = (message: Message): string =>
  JSON.stringify(blocksOf(message).flatMap(({ type, content }) => (type === 'tool_result' ? [content] : [])))

/** Results alone are the tools' words; a reminder beside them is the engine's. */
const wordsIn = (message: Message): boolean =>
  typeof message.content === 'string' ||
  (blocksOf(message).some(({ type }) => type === 'text') &&
    !blocksOf(message).some(({ type }) => type === 'tool_result'))

function clipped(input: unknown): string {
  const text = JSON.stringify(input) ?? ''
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  )
}
