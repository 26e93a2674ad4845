import { hunksOf } from '@sluice/proto/patch.ts'
import { expect, test } from 'vitest'
import { diffOf, patchId } from './diff.ts'
import { testRepository } from './testing/repository.ts'

test('names every file with its fate and its lines', async () => {
  await using repository = await testRepository()
  const long = Array.from({ length: 40 }, (_, i) => `line ${i}\n`).join('')
  const base = await repository.commit({
    'a b.txt': 'a\n',
    'gone.txt': 'g\n',
    'old.txt': long,
    'p.png': Buffer.from([0, 1]),
  })
  repository.git(['mv', 'old.txt', 'new\tname.txt'])
  repository.git(['rm', '--quiet', 'gone.txt'])
  const head = await repository.commit({ 'a b.txt': 'a\nb\n', 'p.png': Buffer.from([0, 2]), 'ü\n.txt': 'u\n' })

  const { files, patch } = await diffOf(await repository.open(), base, head)

  expect(files).toEqual([
    { path: 'a b.txt', status: 'modified', additions: 1, deletions: 0, binary: false },
    { path: 'gone.txt', status: 'deleted', additions: 0, deletions: 1, binary: false },
    { path: 'new\tname.txt', oldPath: 'old.txt', status: 'renamed', additions: 0, deletions: 0, binary: false },
    { path: 'p.png', status: 'modified', additions: 0, deletions: 0, binary: true },
    { path: 'ü\n.txt', status: 'added', additions: 1, deletions: 0, binary: false },
  ])
  expect(hunksOf(patch).map(({ path }) => path)).toEqual(files.map(({ path }) => path))
  expect(hunksOf(patch)[2]?.oldPath).toBe('old.txt')
})

test('gives every line its number on either side, whatever the line looks like', async () => {
  await using repository = await testRepository()
  const base = await repository.commit({ f: '1\n2\n3\n4\n-- sql comment\n6\n7\n8\n9\n' })
  const head = await repository.commit({ f: '1\n2\n3\n4\n++ plus\ndiff --git a/x b/x\n6\n7\n8\nlast' })

  const [file] = hunksOf((await diffOf(await repository.open(), base, head)).patch)

  expect(file?.hunks).toHaveLength(1)
  expect(file?.hunks[0]).toMatchObject({ oldStart: 2, oldLines: 8, newStart: 2, newLines: 9 })
  expect(file?.hunks[0]?.lines.filter(({ kind }) => kind !== ' ')).toEqual([
    { kind: '-', text: '-- sql comment', old: 5 },
    { kind: '+', text: '++ plus', new: 5 },
    { kind: '+', text: 'diff --git a/x b/x', new: 6 },
    { kind: '-', text: '9', old: 9 },
    { kind: '+', text: 'last', new: 10 },
    { kind: '\\', text: ' No newline at end of file' },
  ])
})

test('of nothing is nothing', async () => {
  await using repository = await testRepository()
  const base = await repository.commit({ a: 'a\n' })

  expect(await diffOf(await repository.open(), base, base)).toEqual({ files: [], patch: '' })
  expect(hunksOf('')).toEqual([])
})

test('an attribute in the tree cannot hide code from a reader', async () => {
  await using repository = await testRepository()
  const base = await repository.commit({ 'auth.ts': 'check()\n' })
  const head = await repository.commit({ 'auth.ts': 'backdoor()\n', '.gitattributes': '*.ts binary -diff\n' })
  expect(repository.git(['diff', base, head])).not.toContain('backdoor')

  const { patch } = await diffOf(await repository.open(), base, head)

  expect(patch).toContain('+backdoor()')
})

test('the same change on another base has the same id', async () => {
  await using repository = await testRepository()
  const lines = Array.from({ length: 30 }, (_, i) => `line ${i}\n`)
  const base = await repository.commit({ f: lines.join(''), g: 'g\n' })
  const one = await repository.commit({ f: lines.with(25, 'changed\n').join(''), 'n.bin': Buffer.from([0, 1]) })
  repository.git(['checkout', '--quiet', '-b', 'other', base])
  const moved = await repository.commit({ f: ['above\n', ...lines].join(''), g: 'G\n' })
  const two = await repository.commit({
    f: ['above\n', ...lines.with(25, 'changed\n')].join(''),
    'n.bin': Buffer.from([0, 1]),
  })
  const opened = await repository.open()

  expect(await patchId(opened, moved, two)).toBe(await patchId(opened, base, one))
})

test.each<[string, Record<string, string | Buffer>, Record<string, string | Buffer>]>([
  ['white space', { 'a.py': 'if x:\n  y()\nz()\n' }, { 'a.py': 'if x:\n  y()\n  z()\n' }],
  ['bytes of a binary file', { b: Buffer.from([0, 1, 2]) }, { b: Buffer.from([0, 1, 3]) }],
  ['bytes that are not UTF-8', { c: Buffer.from([0xe9, 10]) }, { c: Buffer.from([0xe8, 10]) }],
  ['a name', { d: 'd\n' }, { e: 'd\n' }],
])('changes that differ only in %s have different ids', async (_, one, other) => {
  await using repository = await testRepository()
  const base = await repository.commit({ a: 'a\n' })
  const first = await repository.commit(one)
  repository.git(['checkout', '--quiet', '-b', 'other', base])
  const second = await repository.commit(other)
  const opened = await repository.open()

  expect(await patchId(opened, base, first)).not.toBe(await patchId(opened, base, second))
})
