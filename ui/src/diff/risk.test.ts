/** Files by risk: what was found, what guards, what is not tested comes first; the story's own documents come last. */
import type { Finding } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import { byRisk } from './risk.ts'

const file = (path: string, lines = 4) => ({
  ...{ path, header: [], binary: [] },
  hunks: [
    {
      ...{ oldStart: 0, oldLines: 0, newStart: 1, newLines: lines, section: '' },
      lines: Array.from({ length: lines }, () => ({ kind: '+' as const, text: 'x' })),
    },
  ],
})
const finding = (path: string, severity: Finding['severity']) => ({ id: path, path, severity }) as Finding

test('files stand by risk, each with the reasons for its place', () => {
  const paths = ['.sluice/stories/s1/tasks.md', 'README.md', 'src/tested.ts', 'src/tested.test.ts', 'src/bare.ts']
  const files = [...paths, 'src/session.ts', 'src/found.ts'].map((path) => file(path))

  const ranked = byRisk({ files, findings: [finding('src/found.ts', 'high')], storyId: 's1' })

  expect(ranked.map(({ file: { path }, risk }) => [path, risk.why.join(', ')])).toEqual([
    ['src/found.ts', '1 open, no test changed'],
    ['src/session.ts', 'touches security, no test changed'],
    ['src/bare.ts', 'no test changed'],
    ...['README.md', 'src/tested.ts', 'src/tested.test.ts'].map((path) => [path, '']),
    ['.sluice/stories/s1/tasks.md', 'document of the story'],
  ])
})

test('of two alike the larger comes first', () => {
  const ranked = byRisk({ files: [file('a.md', 3), file('b.md', 90)], findings: [], storyId: 's1' })

  expect(ranked.map(({ file: { path } }) => path)).toEqual(['b.md', 'a.md'])
})
