/** The colours of code: a line as tokens, each with the class of what it is. No markup is ever made of it. */
import type { Hunk, PatchLine } from '@sluice/proto/patch.ts'
import hljs from 'highlight.js/lib/core'
import { grammarOf, type Language } from './languages.ts'
import type { Range } from './words.ts'

export type Token = Range & { kind: string }
export type Colours = ReadonlyMap<PatchLine, readonly Token[]>

/** Longer text is shown without colours: they are not worth the wait. */
const MOST_CHARACTERS = 200_000

const loading = new Map<Language, Promise<void>>()

export function loadLanguage(language: Language): Promise<void> {
  const known = loading.get(language)
  if (known) return known
  const load = grammarOf(language).then(({ default: grammar }) => hljs.registerLanguage(language, grammar))
  loading.set(language, load)
  // Not had now, it is asked for again by the next file.
  load.catch(() => loading.delete(language))
  return load
}

const coloured = new WeakMap<Hunk, Colours>()

/** Each side of a hunk is read as one text, so that what goes on over several lines is known as what it is. */
export function coloursOf(hunk: Hunk, language: Language): Colours {
  const known = coloured.get(hunk)
  if (known) return known
  const side = (kinds: string) => {
    const lines = hunk.lines.filter(({ kind }) => kinds.includes(kind))
    const tokens = tokensOf(lines.map(({ text }) => text).join('\n'), language)
    return lines.map((line, i) => [line, tokens[i] ?? []] as const)
  }
  const colours = new Map([...side(' -'), ...side(' +')])
  coloured.set(hunk, colours)
  return colours
}

/** The tokens of every line, read off what the highlighter prints: tags of its own, and text in which <, > and & are escaped. */
export function tokensOf(text: string, language: Language): Token[][] {
  if (text.length > MOST_CHARACTERS || !hljs.getLanguage(language)) return []
  const { value } = hljs.highlight(text, { language, ignoreIllegals: true })
  const lines: Token[][] = [[]]
  const within: string[] = []
  let column = 0
  for (const [part, opened, closed] of value.matchAll(/<span class="([^"]*)">|(<\/span>)|\n|&[#\w]+;|[^<\n&]+/g)) {
    if (opened !== undefined) within.push(opened.split(' ')[0]?.replace('hljs-', '') ?? '')
    else if (closed !== undefined) within.pop()
    else if (part === '\n') {
      lines.push([])
      column = 0
    } else {
      const end = column + (part.startsWith('&') ? 1 : part.length)
      const kind = within.at(-1)
      if (kind) addToken(lines.at(-1) ?? [], { start: column, end, kind })
      column = end
    }
  }
  return lines
}

function addToken(line: Token[], token: Token): void {
  const last = line.at(-1)
  if (last?.end === token.start && last.kind === token.kind) last.end = token.end
  else line.push(token)
}

export type Piece = { at: number; text: string; kind: string | null; changed: boolean }

/** A line cut where a token or a changed word begins or ends. */
export function piecesOf(text: string, tokens: readonly Token[], changed: readonly Range[]): Piece[] {
  const cuts = new Set([0, text.length])
  for (const { start, end } of [...tokens, ...changed]) cuts.add(start).add(end)
  const places = [...cuts].filter((at) => at <= text.length).sort((a, b) => a - b)
  return places.slice(0, -1).map((at, i) => {
    const inside = ({ start, end }: Range) => start <= at && at < end
    const piece = { at, text: text.slice(at, places[i + 1]) }
    return { ...piece, kind: tokens.find(inside)?.kind ?? null, changed: changed.some(inside) }
  })
}
