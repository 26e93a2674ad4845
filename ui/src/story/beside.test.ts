/** Where a finding is shown in a patch. */
import type { Finding } from '@sluice/proto/parts.ts'
import { parsePatch } from '@sluice/proto/patch.ts'
import { expect, test } from 'vitest'
import { beside, key, size } from './beside.ts'

const files = parsePatch(`diff --git a/src/a.ts b/src/a.ts
--- a/src/a.ts
+++ b/src/a.ts
@@ -10,3 +10,4 @@ function f() {
 ten
-gone
+eleven
+twelve
 thirteen
`)
const finding = (id: string, where: Partial<Finding>): Finding => ({
  id,
  seat: 'security',
  severity: 'high',
  blocking: true,
  claim: id,
  evidence: '',
  ...where,
})

test('a finding stands under its last line that is shown', () => {
  const placed = beside(files, [finding('f', { path: 'src/a.ts', startLine: 11, endLine: 12 })])

  expect([...placed.lines.keys()]).toEqual([key('src/a.ts', 12)])
})

test('a finding about more lines than are shown stands under the last that is', () => {
  const placed = beside(files, [finding('f', { path: 'src/a.ts', startLine: 12, endLine: 40 })])

  expect([...placed.lines.keys()]).toEqual([key('src/a.ts', 13)])
})

test('a finding about lines that are not shown stands with its file', () => {
  const placed = beside(files, [finding('f', { path: 'src/a.ts', startLine: 90 })])

  expect(placed.files.get('src/a.ts')?.map(({ id }) => id)).toEqual(['f'])
})

test('a finding about no file of the patch is not lost', () => {
  const placed = beside(files, [finding('f', { path: 'other.ts', startLine: 1 }), finding('g', {})])

  expect(placed.elsewhere.map(({ id }) => id)).toEqual(['f', 'g'])
})

test('a file says how many lines it gained and lost', () => {
  expect(files.map(size)).toEqual([{ additions: 2, deletions: 1 }])
})
