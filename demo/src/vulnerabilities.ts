/** Looks at what a diff adds for the few classes of vulnerability that are listed in the demo's README, and for no other. */
import { type Code, lineAt, readCode } from './code.ts'
import { addedLines } from './diff.ts'
import type { Files, Trail } from './flow.ts'
import { CLASSES } from './vulnerability-classes.ts'

/** A touched file, whole, on both sides; no `base` if it is new. */
export type TouchedFile = { path: string; base?: string; head: string }

export type Vulnerability = {
  /** `CWE-79` and so on. */
  cwe: string
  /** The category of OWASP's Top 10 of 2021 and of 2025. */
  owasp: string
  path: string
  /** In the file at head, 1-based: a line the diff adds. */
  line: number
  claim: string
  /** The line as it stands, and where the value comes from. */
  evidence: string
}

/** Code that is looked at: JavaScript and TypeScript that is no test. */
export const isInspected = (path: string): boolean => CODE.test(path) && !TEST.test(path)

const CODE = /\.[cm]?[jt]sx?$/
const TEST = /\.(?:test|spec)\.[cm]?[jt]sx?$|(?:^|\/)(?:tests?|__tests__)\//

/**
 * What is new and harmful, in the order of files and lines. Only an added line is blamed: the use itself, or the line through which
 * a value now reaches it. Tests are not looked at. Nothing found means that none of these classes was recognised, not that there is no fault.
 */
export function inspectHunks(diff: string, touched: readonly TouchedFile[]): Vulnerability[] {
  const added = addedLines(diff)
  const files: Files = new Map(
    touched.filter(({ path }) => isInspected(path)).map(({ path, head }) => [path, readCode(head)]),
  )
  const base = new Map(
    touched.map((file) => [file.path, new Set((file.base ?? '').split('\n').map((line) => line.trim()))]),
  )
  const found = [...files].flatMap(([path, code]) =>
    CLASSES.flatMap(({ cwe, owasp, claim, find }) =>
      find({ path, code, files }).flatMap((trail) => {
        const blamed = blame(trail, files, added, base)
        return blamed ? [{ cwe, owasp, claim, ...blamed, evidence: evidenceOf(trail, files) }] : []
      }),
    ),
  )
  return unique(found)
}

type Lines = ReadonlyMap<string, ReadonlySet<number>>

/** The first added line of the trail whose text is new: a line that was only moved is no new fault. */
function blame(
  trail: Trail,
  files: Files,
  added: Lines,
  base: ReadonlyMap<string, ReadonlySet<string>>,
): { path: string; line: number } | undefined {
  for (const { file, index } of trail) {
    const code = files.get(file)
    if (!code) continue
    const line = lineAt(code, index)
    if (added.get(file)?.has(line) && !base.get(file)?.has(lineText(code, line))) return { path: file, line }
  }
  return undefined
}

const lineText = (code: Code, line: number): string => (code.text.split('\n')[line - 1] ?? '').trim()

function evidenceOf(trail: Trail, files: Files): string {
  const places = trail.flatMap(({ file, index }) => {
    const code = files.get(file)
    return code ? [`${file}:${lineAt(code, index)}: ${lineText(code, lineAt(code, index))}`] : []
  })
  return [...new Set(places)].join('\n')
}

function unique(found: Vulnerability[]): Vulnerability[] {
  const seen = new Map(found.map((one) => [`${one.path}:${one.line}:${one.cwe}`, one]))
  return [...seen.values()].toSorted((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1))
}
