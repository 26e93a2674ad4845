/** The project's files stand before the story's own documents. */
import { expect, test } from 'vitest'
import { documentsLast } from './own-documents.ts'

test('documents of this story come last, of another story they are files like any other', () => {
  const paths = ['.changes/s1.md', '.sluice/stories/s1/tasks.md', '.sluice/stories/s2/tasks.md', 'src/a.ts']
  const files = paths.map((path) => ({ path, hunks: [], header: [], binary: [] }))

  expect(documentsLast(files, 's1').map(({ path }) => path)).toEqual([
    ...['.sluice/stories/s2/tasks.md', 'src/a.ts'],
    ...['.changes/s1.md', '.sluice/stories/s1/tasks.md'],
  ])
})
