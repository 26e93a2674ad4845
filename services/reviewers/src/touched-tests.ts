/** Tests that a change took away, or keeps from running. */
import type { TouchedFile } from '@sluice/kit/story-change.ts'
import { isSkip, testsIn } from './test-files.ts'
import { changedLines, type Sides, type Touch } from './touch.ts'

/** Tests that are gone from the project after a change. */
export function testsGone(all: Sides[]): Touch[] {
  const fewer = testCount(all, 'head') < testCount(all, 'base')
  return all.flatMap((sides) => goneFrom(sides, fewer))
}

const testsBefore = ({ file: { path, oldPath = path }, base }: Sides): number => testsIn(oldPath, base ?? '')
const testsAfter = ({ file: { path }, head }: Sides): number => testsIn(path, head ?? '')
const testCount = (all: Sides[], side: 'base' | 'head'): number =>
  all.reduce((sum, one) => sum + (side === 'base' ? testsBefore(one) : testsAfter(one)), 0)

/** A file that holds no test any more, wherever its tests are said to be now; single ones only where there are fewer in all. */
function goneFrom(sides: Sides, fewer: boolean): Touch[] {
  const { file } = sides
  const [before, after] = [testsBefore(sides), testsAfter(sides)]
  if (after >= before || (after > 0 && !fewer)) return []
  const { path, oldPath = path, status } = file
  const detail = changedLines(file)
  const tests = (n: number): string => (n === 1 ? '1 test' : `${n} tests`)
  if (after > 0)
    return [
      { kind: 'fewer tests', severity: 'high', file, detail, claim: `${path} had ${tests(before)} and has ${after}.` },
    ]
  const how =
    status === 'deleted' ? 'was deleted' : path === oldPath ? 'has none left' : `became ${path}, which is no test file`
  return [
    { kind: 'tests gone', severity: 'high', file, detail, claim: `${oldPath}, which had ${tests(before)}, ${how}.` },
  ]
}

/** Lines that were there before, here or in another file, are no new skips. */
export function newlySkipped(touched: TouchedFile[]): Touch[] {
  const lines = touched.flatMap((file) =>
    file.hunks.flatMap((hunk) => hunk.lines).map((line) => ({ file, ...line, text: line.text.trim() })),
  )
  const removed = lines
    .filter(({ kind, file, text }) => kind === '-' && isSkip(file.oldPath ?? file.path, text))
    .map((l) => l.text)
  const added = lines.filter(({ kind, file, text }) => {
    if (kind !== '+' || !isSkip(file.path, text)) return false
    const moved = removed.indexOf(text)
    if (moved >= 0) removed.splice(moved, 1)
    return moved < 0
  })
  const files = [...new Set(added.map(({ file }) => file))]
  return files.map((file) => {
    const own = added.filter((line) => line.file === file)
    const claim = `${file.path} keeps tests from running by ${own.length === 1 ? 'a line' : `${own.length} lines`} that this change adds.`
    return {
      kind: 'skipped',
      severity: 'high',
      file,
      claim,
      detail: own.map((l) => `+${l.text}`).join('\n'),
      ...lineOf(own[0]?.new),
    }
  })
}

const lineOf = (line: number | undefined): { line?: number } => (line === undefined ? {} : { line })
