/** Findings beside the lines they are about. */
import type { Finding } from '@sluice/proto/parts.ts'
import type { PatchFile } from '@sluice/proto/patch.ts'

export type Beside = {
  /** Under the last shown line of the finding; keyed by `key(path, line)`. */
  lines: ReadonlyMap<string, Finding[]>
  /** About a file that is shown, but no line of it that is. */
  files: ReadonlyMap<string, Finding[]>
  elsewhere: Finding[]
}

export const key = (path: string, line: number): string => `${path}:${line}`

export function beside(files: readonly Pick<PatchFile, 'path' | 'hunks'>[], findings: readonly Finding[]): Beside {
  const shown = new Map(files.map((file) => [file.path, newLines(file)]))
  const lines = new Map<string, Finding[]>()
  const whole = new Map<string, Finding[]>()
  const elsewhere: Finding[] = []
  for (const finding of findings) {
    const { path, startLine, endLine = startLine } = finding
    const there = path === undefined ? undefined : shown.get(path)
    const line =
      startLine === undefined ? undefined : there?.findLast((n) => n >= startLine && n <= (endLine ?? startLine))
    if (path === undefined || !there) elsewhere.push(finding)
    else if (line === undefined) add(whole, path, finding)
    else add(lines, key(path, line), finding)
  }
  return { lines, files: whole, elsewhere }
}

const newLines = ({ hunks }: Pick<PatchFile, 'hunks'>): number[] =>
  hunks.flatMap((hunk) => hunk.lines.flatMap((line) => (line.new === undefined ? [] : [line.new])))

function add(to: Map<string, Finding[]>, where: string, finding: Finding): void {
  to.set(where, [...(to.get(where) ?? []), finding])
}

/** How many lines a file gained and lost. */
export function size({ hunks }: Pick<PatchFile, 'hunks'>): { additions: number; deletions: number } {
  const all = hunks.flatMap((hunk) => hunk.lines)
  return {
    additions: all.filter((line) => line.kind === '+').length,
    deletions: all.filter((line) => line.kind === '-').length,
  }
}
