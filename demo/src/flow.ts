/** Follows a value back to where it comes from: through names, templates, and one call after another. */
import { type Code, closing, expressionAt, placeholders, type Range, splitAt, trim } from './code.ts'

/** Where a value passes, from its use to its origin. */
export type Place = { file: string; index: number }
export type Trail = Place[]
export type Files = ReadonlyMap<string, Code>

/** What people from outside decide: parts of a request, the address of a page. */
const SOURCE =
  /\b(?:c|ctx|context|req|request)\.(?:req\.)?(?:queries|query|params?|headers?|body|json|formData|parseBody|cookies?)\b|\bsearchParams\b|\blocation\.(?:search|hash)\b/
const MAX_STEPS = 5

/** The ways a value can turn out: both sides of a choice, each part of a sum, what stands in a template. */
export function outcomes(code: Code, range: Range): Range[] {
  const { from, to } = trim(code, range)
  const inside = code.masked.slice(from, to)
  if (inside.startsWith('(') && closing(code, from) === to - 1) return outcomes(code, { from: from + 1, to: to - 1 })
  const branches = splitAt(code, { from, to }, /\?\?|\|\||\?(?![.?])|:|\+/)
  // Of `a ? b : c` the condition is not part of the outcome.
  if (branches.length > 1)
    return (/(?<!\?)\?(?![.?])/.test(outside(code, { from, to })) ? branches.slice(1) : branches).flatMap((part) =>
      outcomes(code, part),
    )
  if (inside.startsWith('`')) return placeholders(code, from).flatMap((part) => outcomes(code, part))
  if (inside.startsWith('['))
    return splitAt(code, { from: from + 1, to: closing(code, from) }, /,/).flatMap((part) => outcomes(code, part))
  return /^['"\d/]|^(?:true|false|null|undefined)\b|^$/.test(inside) ? [] : [{ from, to }]
}

/** What of a range stands in no bracket of its own. */
function outside(code: Code, { from, to }: Range): string {
  let kept = ''
  for (let i = from; i < to; i++) {
    kept += code.masked[i]
    if (/[([{]/.test(code.masked[i] ?? '')) i = closing(code, i)
  }
  return kept
}

/** What a name was given last before it is used. */
export function definition(code: Code, name: string, before: number): Range | undefined {
  const pattern = new RegExp(
    `\\b(?:const|let|var)\\s+(?:${literal(name)}\\b|\\{[^}]*\\b${literal(name)}\\b[^}]*\\})\\s*(?::[^=\\n]+)?=\\s*`,
    'g',
  )
  const last = [...code.masked.slice(0, before).matchAll(pattern)].at(-1)
  return last && expressionAt(code, last.index + last[0].length)
}

const literal = (name: string): string => name.replace(/\$/g, '\\$')

/** How a value reaches a place from outside; nothing if it does not. `clean` says which calls make it harmless. */
export function fromOutside(
  files: Files,
  use: Place & { to: number },
  clean: RegExp,
  steps = MAX_STEPS,
): Trail | undefined {
  const code = files.get(use.file)
  if (!code || steps === 0) return undefined
  const inside = code.masked.slice(use.index, use.to)
  const here = { file: use.file, index: use.index }
  if (clean.test(inside)) return undefined
  if (SOURCE.test(inside)) return [here]
  for (const match of inside.matchAll(/(?<![.\w$])[A-Za-z_$][\w$]*/g)) {
    const behind = behindName(files, { file: use.file, index: use.index + match.index }, match[0], clean, steps - 1)
    if (behind) return [here, ...behind]
  }
  return undefined
}

function behindName(files: Files, place: Place, name: string, clean: RegExp, steps: number): Trail | undefined {
  const code = files.get(place.file)
  if (!code) return undefined
  const defined = definition(code, name, place.index)
  if (defined && defined.from <= place.index && defined.to >= place.index) return undefined
  if (defined) return fromOutside(files, { file: place.file, index: defined.from, to: defined.to }, clean, steps)
  const owner = enclosing(code, place.index).find(({ parameters }) => parameters.includes(name))
  return owner?.name ? behindParameter(files, owner.name, owner.parameters.indexOf(name), clean, steps) : undefined
}

/** Somebody must call the function with a value from outside, in one of the files at hand. */
function behindParameter(
  files: Files,
  name: string,
  position: number,
  clean: RegExp,
  steps: number,
): Trail | undefined {
  for (const [file, code] of files) {
    for (const call of code.masked.matchAll(new RegExp(`(?<!function\\s+)\\b${literal(name)}\\(`, 'g'))) {
      const open = call.index + call[0].length - 1
      const argument = splitAt(code, { from: open + 1, to: closing(code, open) }, /,/)[position]
      const behind = argument && fromOutside(files, { file, index: argument.from, to: argument.to }, clean, steps)
      if (behind) return behind
    }
  }
  return undefined
}

export type Function = { name: string | undefined; parameters: string[]; body: Range }

const HEAD =
  /\bfunction\s*\*?\s*([\w$]+)?\s*\(|\b(?:const|let)\s+([\w$]+)\s*(?::[^=\n]+)?=\s*(?:async\s*)?\((?=[^\n]*=>)|(?<=[(,]\s*)(?:async\s*)?\((?=[^()\n]*\)\s*=>)/g

/** The functions a place stands in, the innermost first. */
export function enclosing(code: Code, index: number): Function[] {
  return [...code.masked.matchAll(HEAD)]
    .map((head): Function => {
      const open = head.index + head[0].length - 1
      const close = closing(code, open)
      const parameters = splitAt(code, { from: open + 1, to: close }, /,/).map(
        ({ from, to }) => /^[\w$]*/.exec(code.masked.slice(from, to))?.[0] ?? '',
      )
      return { name: head[1] ?? head[2], parameters, body: bodyAfter(code, close) }
    })
    .filter(({ body }) => body.from <= index && index < body.to)
    .toSorted((a, b) => a.body.to - a.body.from - (b.body.to - b.body.from))
}

function bodyAfter(code: Code, close: number): Range {
  const start = /^[^\n]*?(?:=>\s*|\{)/.exec(code.masked.slice(close))
  if (!start) return { from: close, to: close }
  const from = close + start[0].length
  const brace = code.masked[from - 1] === '{' ? from - 1 : code.masked[from] === '{' ? from : undefined
  return brace === undefined ? expressionAt(code, from) : { from: brace, to: closing(code, brace) }
}
