/** Regular expressions of a model over many files, stopped when they take too long. */
import { createContext, Script } from 'node:vm'

export type Match = { path: string; line: number; text: string }

const LONGEST_LINE = 400

/** Rejects with a sentence when the pattern is none, or when it has not ended after `timeoutMs` in all. */
export function lineSearch(
  pattern: string,
  { ignoreCase = false, timeoutMs = 3_000 } = {},
): (text: string) => number[] {
  const expression = compiled(pattern, ignoreCase ? 'i' : '')
  // A regular expression can take for ever and cannot be interrupted, except by the timeout of a script that runs it.
  const context = createContext({ expression, lines: [] as string[] })
  const script = new Script('lines.flatMap((line, i) => (expression.test(line) ? [i + 1] : []))')
  let leftMs = timeoutMs
  return (text) => {
    const from = performance.now()
    context.lines = text.split(/\r?\n/)
    try {
      return [...(script.runInContext(context, { timeout: Math.max(1, Math.ceil(leftMs)) }) as number[])]
    } catch (error) {
      throw new Error(`The search took too long: make the pattern simpler or the paths fewer.`, { cause: error })
    } finally {
      leftMs -= performance.now() - from
    }
  }
}

function compiled(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags)
  } catch (error) {
    throw new Error(`That is no regular expression: ${error instanceof Error ? error.message : error}`)
  }
}

/** Lines of one file that match; files with a NUL in their first 8 kB hold no lines. */
export function matchesIn(path: string, content: Buffer, search: (text: string) => number[]): Match[] {
  if (content.subarray(0, 8_192).includes(0)) return []
  const text = content.toString('utf8')
  const numbers = search(text)
  if (numbers.length === 0) return []
  const lines = text.split(/\r?\n/)
  return numbers.map((line) => ({ path, line, text: (lines[line - 1] ?? '').slice(0, LONGEST_LINE) }))
}
