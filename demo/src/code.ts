/** Reads JavaScript and TypeScript just closely enough to tell code from text: strings, comments, patterns, brackets. */

export type Code = {
  text: string
  /** The same length; what is inside strings, patterns and comments is blanked, so that a search finds only code. */
  masked: string
}
export type Range = { from: number; to: number }

export function readCode(text: string): Code {
  let masked = ''
  // The depth of braces at which each open `${` ends.
  const templates: number[] = []
  let depth = 0
  let i = 0
  const blank = (to: number) => {
    masked += text.slice(i, to).replace(/[^\n]/g, '\u0001')
    i = to
  }
  const keep = (count = 1) => {
    masked += text.slice(i, i + count)
    i += count
  }
  const template = () => {
    blank(endOfTemplatePart(text, i))
    if (text[i] === '`') return keep()
    templates.push(depth)
    keep(2)
  }
  while (i < text.length) {
    const char = text[i] ?? ''
    const two = text.slice(i, i + 2)
    if (two === '//') blank(endAt(text, '\n', i))
    else if (two === '/*') blank(endAt(text, '*/', i + 2) + 2)
    else if (char === "'" || char === '"') {
      keep()
      blank(endOfString(text, i, char))
      keep()
    } else if (char === '/' && startsPattern(masked)) {
      keep()
      blank(endOfPattern(text, i))
      keep()
    } else if (char === '`') {
      keep()
      template()
    } else if (char === '}' && templates.at(-1) === depth) {
      templates.pop()
      keep()
      template()
    } else {
      if (char === '{') depth += 1
      if (char === '}') depth -= 1
      keep()
    }
  }
  return { text, masked }
}

const endAt = (text: string, end: string, from: number): number => {
  const at = text.indexOf(end, from)
  return at < 0 ? text.length : at
}

function endOfString(text: string, from: number, quote: string): number {
  let i = from
  while (i < text.length && text[i] !== quote && text[i] !== '\n') i += text[i] === '\\' ? 2 : 1
  return Math.min(i, text.length)
}

function endOfTemplatePart(text: string, from: number): number {
  let i = from
  while (i < text.length && text[i] !== '`' && text.slice(i, i + 2) !== '${') i += text[i] === '\\' ? 2 : 1
  return Math.min(i, text.length)
}

function endOfPattern(text: string, from: number): number {
  let inClass = false
  let i = from
  while (i < text.length && text[i] !== '\n' && (inClass || text[i] !== '/')) {
    if (text[i] === '[') inClass = true
    if (text[i] === ']') inClass = false
    i += text[i] === '\\' ? 2 : 1
  }
  return i
}

/** A slash divides after a value, and begins a pattern after anything else. */
const startsPattern = (before: string): boolean => /(^|[(,=:[!&|?{};+\n>]|\breturn|\bcase)\s*$/.test(before.slice(-40))

const CLOSING: Record<string, string> = { '(': ')', '[': ']', '{': '}' }

/** Where the bracket that opens at `open` closes; the end of the text if it never does. */
export function closing({ masked }: Code, open: number): number {
  const stack: string[] = []
  for (let i = open; i < masked.length; i++) {
    const char = masked[i] ?? ''
    const close = CLOSING[char]
    if (close) stack.push(close)
    else if (char === stack.at(-1)) stack.pop()
    if (stack.length === 0) return i
  }
  return masked.length
}

/** Splits a range where the pattern matches outside of all brackets and templates. */
export function splitAt(code: Code, { from, to }: Range, pattern: RegExp): Range[] {
  const parts: Range[] = []
  const sticky = new RegExp(pattern.source, 'y')
  let start = from
  for (let i = from; i < to; i++) {
    if (CLOSING[code.masked[i] ?? '']) {
      i = closing(code, i)
      continue
    }
    if (code.masked[i] === '`') {
      i = endOfTemplate(code, i)
      continue
    }
    sticky.lastIndex = i
    const match = sticky.exec(code.masked)?.[0]
    if (!match) continue
    parts.push({ from: start, to: i })
    start = i + match.length
    i = start - 1
  }
  return [...parts, { from: start, to }].map((part) => trim(code, part)).filter((part) => part.to > part.from)
}

/** Where the template that opens at `open` ends, with what its placeholders hold. */
export function endOfTemplate(code: Code, open: number): number {
  for (let i = open + 1; i < code.masked.length; i++) {
    if (code.masked[i] === '`') return i
    if (code.masked[i] === '{') i = closing(code, i)
  }
  return code.masked.length
}

/** What stands in the placeholders of the template that opens at `open`. */
export function placeholders(code: Code, open: number): Range[] {
  const end = endOfTemplate(code, open)
  const found: Range[] = []
  for (let i = open + 1; i < end; i++) {
    if (code.masked[i] !== '{') continue
    const close = closing(code, i)
    found.push(trim(code, { from: i + 1, to: close }))
    i = close
  }
  return found
}

export function trim({ masked }: Code, { from, to }: Range): Range {
  const inside = masked.slice(from, to)
  const lead = inside.length - inside.trimStart().length
  return { from: from + lead, to: Math.max(from + lead, to - (inside.length - inside.trimEnd().length)) }
}

export const lineAt = ({ text }: Code, index: number): number => text.slice(0, index).split('\n').length

/** The expression that begins at `from`: to the end of its line, or further while brackets or an operator carry it on. */
export function expressionAt(code: Code, from: number): Range {
  let i = from
  for (; i < code.masked.length; i++) {
    const char = code.masked[i] ?? ''
    if (CLOSING[char]) i = closing(code, i)
    else if (char === '`') i = endOfTemplate(code, i)
    else if (/[;,)\]}]/.test(char)) break
    else if (
      char === '\n' &&
      !/[=+?:&|.(]\s*$/.test(code.masked.slice(from, i)) &&
      !/^\s*[.?:+&|]/.test(code.masked.slice(i + 1))
    )
      break
  }
  return trim(code, { from, to: i })
}
