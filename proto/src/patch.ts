/** Reads a unified diff as git writes it (git-diff(1), "Generating patch text"): files, hunks, lines with their numbers. */

/** `old` and `new` are line numbers from 1, where the line is on that side. `\` says that the line before has no line break. */
export type PatchLine = { kind: ' ' | '+' | '-' | '\\'; text: string; old?: number; new?: number }
export type Hunk = {
  oldStart: number
  oldLines: number
  newStart: number
  newLines: number
  section: string
  lines: PatchLine[]
}
export type PatchFile = {
  path: string
  oldPath?: string
  hunks: Hunk[]
  /** The lines between `diff --git` and the first hunk, both names included. */
  header: string[]
  /** The lines of a binary patch. */
  binary: string[]
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/

/** The hunks of a patch, file by file, each line with its number. */
export const hunksOf = (patch: string): Pick<PatchFile, 'path' | 'oldPath' | 'hunks'>[] =>
  parsePatch(patch).map(({ path, oldPath, hunks }) => ({ path, ...(oldPath !== undefined && { oldPath }), hunks }))

export function parsePatch(patch: string): PatchFile[] {
  const files: PatchFile[] = []
  const lines = patch.split('\n').slice(0, patch.endsWith('\n') ? -1 : undefined)
  let inBinary = false
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? ''
    const file = files.at(-1)
    const hunk = HUNK.exec(line)
    if (line.startsWith('diff --git ')) {
      inBinary = false
      files.push({ path: '', hunks: [], header: [line], binary: [] })
    } else if (file && hunk && !inBinary) {
      i = readHunk(file, hunk, { lines, from: i + 1 })
    } else if (file) {
      inBinary ||= line === 'GIT binary patch'
      ;(inBinary ? file.binary : file.header).push(line)
    }
  }
  return files.map(named)
}

/** Counts lines as the hunk's head says, so that a line of content can look like anything. Returns the index of its last line. */
function readHunk(file: PatchFile, head: RegExpExecArray, { lines, from }: { lines: string[]; from: number }): number {
  const [, oldStart, oldLines = '1', newStart, newLines = '1', section = ''] = head
  const hunk: Hunk = {
    oldStart: Number(oldStart),
    oldLines: Number(oldLines),
    newStart: Number(newStart),
    newLines: Number(newLines),
    section,
    lines: [],
  }
  let old = hunk.oldStart
  let now = hunk.newStart
  let at = from
  for (; at < lines.length; at++) {
    const line = lines[at] ?? ''
    const done = old >= hunk.oldStart + hunk.oldLines && now >= hunk.newStart + hunk.newLines
    if (done && !line.startsWith('\\')) break
    const text = line.slice(1)
    if (line.startsWith('\\')) hunk.lines.push({ kind: '\\', text })
    else if (line.startsWith('+')) hunk.lines.push({ kind: '+', text, new: now++ })
    else if (line.startsWith('-')) hunk.lines.push({ kind: '-', text, old: old++ })
    else hunk.lines.push({ kind: ' ', text, old: old++, new: now++ })
  }
  file.hunks.push(hunk)
  return at - 1
}

function named(file: PatchFile): PatchFile {
  const after = (prefix: string) => file.header.find((line) => line.startsWith(prefix))?.slice(prefix.length)
  const from = after('rename from ') ?? after('copy from ') ?? side(after('--- '))
  const to = after('rename to ') ?? after('copy to ') ?? side(after('+++ '))
  const path = unquoted(to ?? from) ?? fromHeader(file.header[0] ?? '')
  const oldPath = from === undefined ? undefined : unquoted(from)
  return { ...file, path, ...(oldPath !== undefined && oldPath !== path && { oldPath }) }
}

/** `a/name`, quoted or not, without its side; nothing for /dev/null. Git ends a name that holds a space with a tab. */
function side(name: string | undefined): string | undefined {
  if (name === undefined || name === '/dev/null') return undefined
  return name.startsWith('"') ? `"${name.slice(3)}` : name.slice(2).replace(/\t$/, '')
}

/** A file without content lines (mode change, empty, binary) is named only on the first line, twice the same. */
function fromHeader(line: string): string {
  const names = line.slice('diff --git '.length)
  const quoted = /^"a\/((?:[^"\\]|\\.)*)"/.exec(names)
  if (quoted) return unquoted(`"${quoted[1]}"`) ?? ''
  return names.slice(2, (names.length - 1) / 2)
}

const ESCAPES: Record<string, string> = {
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  '"': '"',
  '\\': '\\',
}

/** Undoes git's C-style quoting (git-config(1), core.quotePath). */
function unquoted(name: string | undefined): string | undefined {
  if (!name?.startsWith('"')) return name
  const bytes = name
    .slice(1, -1)
    .replace(/\\([0-7]{3}|.)/g, (_, code: string) => ESCAPES[code] ?? String.fromCharCode(Number.parseInt(code, 8)))
  return bytes
}
