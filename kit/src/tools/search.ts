/** Regular expressions of a model over texts, stopped when they take too long. */
import { createContext, Script } from 'node:vm'

const LONGEST_LINE = 400

/** The numbers of the lines that match, from 1. */
export type TextSearch = (text: string) => number[]

/** Rejects with a sentence when the pattern is none, or when it has not ended after `timeoutMs` in all. */
export function textSearch(pattern: string, { ignoreCase = false, timeoutMs = 3_000 } = {}): TextSearch {
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

/** Of one file; null where it holds no lines: one with a NUL in its first 8 kB. */
export function linesThatMatch(content: Buffer, search: TextSearch): { numbers: number[]; lines: string[] } | null {
  if (content.subarray(0, 8_192).includes(0)) return null
  const text = content.toString('utf8')
  const numbers = search(text)
  if (numbers.length === 0) return { numbers, lines: [] }
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/)
  return { numbers, lines: lines.map((line) => line.slice(0, LONGEST_LINE)) }
}
