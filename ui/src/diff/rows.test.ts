/** Hunks as rows: sides beside each other, white space put aside when asked, words that changed. */
import { parsePatch } from '@sluice/proto/patch.ts'
import { expect, test } from 'vitest'
import { patchBetween } from './line-patch.ts'
import { inOneColumn, type Row, rowsOf } from './rows.ts'
import { changedWords } from './words.ts'

const hunkOf = (...lines: string[]) => {
  const count = (kinds: string) => lines.filter((line) => kinds.includes(line[0] ?? '')).length
  const head = `@@ -1,${count(' -')} +1,${count(' +')} @@`
  const [file] = parsePatch(['diff --git a/a.ts b/a.ts', '--- a/a.ts', '+++ b/a.ts', head, ...lines, ''].join('\n'))
  return { lines: file?.hunks[0]?.lines ?? [] }
}
const sides = (rows: Row[]) => rows.map((row) => [row.old?.text ?? null, row.new?.text ?? null, row.same])

test('a changed line stands beside what it was; one column has all that went before all that came', () => {
  const rows = rowsOf(hunkOf(' a', '-b', '-c', '+B', '\\ No newline at end of file'), { ignoreSpace: false })

  expect(sides(rows)).toEqual([
    ['a', 'a', true],
    ['b', 'B', false],
    ['c', null, false],
  ])
  expect(sides(inOneColumn(rows))).toEqual([
    ['a', 'a', true],
    ['b', null, false],
    ['c', null, false],
    [null, 'B', false],
  ])
})

test('lines that differ in white space alone are unchanged where that is not asked for', () => {
  const hunk = hunkOf('-if (a)', '-b()', '+if (a) {', '+  b()', '+}')

  expect(sides(rowsOf(hunk, { ignoreSpace: true }))).toEqual([
    ['if (a)', 'if (a) {', false],
    ['b()', '  b()', true],
    [null, '}', false],
  ])
  expect(rowsOf(hunk, { ignoreSpace: false }).some(({ same }) => same)).toBe(false)
})

test('the words that changed are marked on either side; another line altogether is not a changed one', () => {
  expect(changedWords('const a = raw(text)', 'const a = escaped(text, b)')).toEqual({
    old: [{ start: 10, end: 13 }],
    new: [
      { start: 10, end: 17 },
      { start: 22, end: 25 },
    ],
  })
  expect(changedWords('return null', 'throw new Error("no such board")')).toBeNull()
})

test('two versions of a document are a patch with the lines around what changed', () => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`)
  const changed = lines.with(9, 'another').join('\n')

  const patch = patchBetween('a.md', lines.join('\n'), changed)

  expect(patch?.hunks).toMatchObject([{ oldStart: 7, oldLines: 7, newStart: 7, newLines: 7 }])
  expect(patch?.hunks[0]?.lines.filter(({ kind }) => kind !== ' ')).toEqual([
    { kind: '-', text: 'line 10', old: 10 },
    { kind: '+', text: 'another', new: 10 },
  ])
  expect(patchBetween('a.md', changed, changed)).toBeNull()
})
