/** Checkpoints: one for each turn that changed files, cheap, and every one a way back from which there is a way forward. */
import { existsSync } from 'node:fs'
import { readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Checkpoint, listCheckpoints, openCheckpoints } from './checkpoints.ts'
import { memoryRun } from './testing/memory-run.ts'
import { type TestRepository, testRepository } from './testing/repository.ts'
import { makeWorktree } from './worktree.ts'

const author = { name: 'Ada', email: 'ada@example.org' }

async function story(
  repo: TestRepository,
  files: Record<string, string> = { 'a.txt': 'a\n', '.gitignore': 'ignored\n' },
) {
  const base = await repo.commit(files)
  const repository = await repo.open()
  const worktree = await makeWorktree({ repository, dir: join(repo.dir, 'story'), branch: 'sluice/s1', base })
  const run = memoryRun()
  const open = () => openCheckpoints(worktree, { storyId: 's1', run, author })
  return {
    base,
    repository,
    worktree,
    run,
    open,
    write: (all: Record<string, string>) => repo.write(all, worktree.dir),
  }
}

const at = (dir: string, path: string) => readFile(join(dir, path), 'utf8')
const taken = (checkpoint: Checkpoint | null): Checkpoint => {
  if (!checkpoint) throw new Error('no checkpoint was taken')
  return checkpoint
}
const rewinding = ({ n, commit, tree }: Checkpoint, more: object = {}) => ({
  ...{ n, commit, tree, talk: 'kept' as const, event: `event-${n}` },
  ...more,
})

test('a turn that changed files leaves one, a turn that did not leaves none', async () => {
  await using repo = await testRepository()
  const { base, repository, run, open, write } = await story(repo)
  const checkpoints = await open()
  await write({ 'a.txt': 'b\n', 'new.txt': 'n\n' })

  const first = taken(await checkpoints.take({ title: 'Turn 1: edit a.txt', turn: 1 }))
  const none = await checkpoints.take({ title: 'Turn 2: read', turn: 2 })
  await write({ 'a.txt': 'c\n' })
  const second = taken(await checkpoints.take({ title: 'Turn 3: edit a.txt\nand more', turn: 3 }))

  expect(none).toBeNull()
  expect(await listCheckpoints(repository, 's1')).toMatchObject([
    { n: 1, run: run.id, commit: first.commit, parent: base, turn: 1, title: 'Turn 1: edit a.txt' },
    { n: 2, run: run.id, commit: second.commit, parent: first.commit, turn: 3, title: 'Turn 3: edit a.txt and more' },
  ])
  expect(repo.git(['show', `refs/sluice/s1/${run.id}/2:a.txt`])).toBe('c\n')
  expect(run.entries().map(({ data }) => data)).toMatchObject([
    { type: 'checkpoint', n: 1, tree: first.tree, files: ['a.txt', 'new.txt'], turn: 1 },
    { type: 'checkpoint', n: 2, tree: second.tree, files: ['a.txt'], turn: 3 },
  ])
})

test('what the agent sees of its own changes is not touched by it', async () => {
  await using repo = await testRepository()
  const { worktree, open, write } = await story(repo)
  await write({ 'a.txt': 'b\n' })

  await (await open()).take({ title: 'Turn 1', turn: 1 })

  expect(repo.git(['diff', '--name-only'], worktree.dir).trim()).toBe('a.txt')
  expect(repo.git(['for-each-ref', 'refs/heads', 'refs/tags', '--format=%(refname)']).trim().split('\n')).toEqual([
    'refs/heads/main',
    'refs/heads/sluice/s1',
  ])
})

test('numbers go on through attempts and rounds, from the branch again once that has moved', async () => {
  await using repo = await testRepository()
  const { worktree, open, write } = await story(repo)
  await write({ 'a.txt': 'b\n' })
  await (await open()).take({ title: 'Turn 1', turn: 1 })
  repo.git(['commit', '-qam', 'Round 1'], worktree.dir)
  const tip = repo.git(['rev-parse', 'sluice/s1']).trim()

  const same = await (await open()).take({ title: 'Turn 1', turn: 1 })
  await write({ 'a.txt': 'c\n' })
  const next = taken(await (await open()).take({ title: 'Turn 2', turn: 2 }))

  expect(same).toBeNull()
  expect(next).toMatchObject({ n: 2, parent: tip, tip })
})

test('a large new file and a repository inside are left out and named, and stop nothing', async () => {
  await using repo = await testRepository()
  const { worktree, run, open, write } = await story(repo)
  await write({ 'large.bin': 'x'.repeat(11_000_000), 'lib/n.txt': 'n\n', 'a.txt': 'b\n' })
  repo.git(['init', '-q', join(worktree.dir, 'lib')])

  const { commit } = taken(await (await open()).take({ title: 'Turn 1', turn: 1 }))

  expect(repo.git(['ls-tree', '-r', '--name-only', commit]).trim().split('\n')).toEqual(['.gitignore', 'a.txt'])
  expect(run.entries()[0]?.data).toMatchObject({
    text: expect.stringContaining('Left out: lib/.git, large.bin (11 MB).'),
  })
})

test('going back brings the files as they were, and going forward again what they had become', async () => {
  await using repo = await testRepository()
  const { worktree, repository, open, write } = await story(repo)
  const checkpoints = await open()
  await write({ 'a.txt': 'one\n', 'dir/x.txt': 'x\n', ignored: 'mine\n' })
  const first = taken(await checkpoints.take({ title: 'Turn 1', turn: 1 }))
  await write({ 'a.txt': 'two\n', 'late.txt': 'l\n' })
  await rm(join(worktree.dir, 'dir'), { recursive: true })
  // Not a checkpoint of its own yet: the person comes in the middle of a turn.

  await checkpoints.rewind(rewinding(first))

  expect(await at(worktree.dir, 'a.txt')).toBe('one\n')
  expect(await at(worktree.dir, 'dir/x.txt')).toBe('x\n')
  expect(existsSync(join(worktree.dir, 'late.txt'))).toBe(false)
  expect(await at(worktree.dir, 'ignored')).toBe('mine\n')
  const all = await listCheckpoints(repository, 's1')
  expect(all.map(({ title }) => title)).toEqual(['Turn 1', 'Before going back to checkpoint 1', 'Back to checkpoint 1'])
  expect(all[2]?.tree).toBe(first.tree)

  await checkpoints.rewind(rewinding(taken(all[1] ?? null)))

  expect(await at(worktree.dir, 'a.txt')).toBe('two\n')
  expect(await at(worktree.dir, 'late.txt')).toBe('l\n')
  expect(existsSync(join(worktree.dir, 'dir'))).toBe(false)
})

test('asked again for the same event it does nothing: what was made since stays', async () => {
  await using repo = await testRepository()
  const { worktree, open, write } = await story(repo)
  await write({ 'a.txt': 'one\n' })
  const first = taken(await (await open()).take({ title: 'Turn 1', turn: 1 }))
  await (await open()).rewind(rewinding(first))
  await write({ 'a.txt': 'work since\n' })

  await (await open()).rewind(rewinding(first))

  expect(await at(worktree.dir, 'a.txt')).toBe('work since\n')
})

test('single files go back, and one that was not there goes', async () => {
  await using repo = await testRepository()
  const { worktree, open, write } = await story(repo)
  await write({ 'a.txt': 'one\n', 'b.txt': 'one\n' })
  const first = taken(await (await open()).take({ title: 'Turn 1', turn: 1 }))
  await write({ 'a.txt': 'two\n', 'b.txt': 'two\n', 'c.txt': 'two\n' })

  await (await open()).rewind(rewinding(first, { files: ['a.txt', 'c.txt'] }))

  expect(await at(worktree.dir, 'a.txt')).toBe('one\n')
  expect(await at(worktree.dir, 'b.txt')).toBe('two\n')
  expect(existsSync(join(worktree.dir, 'c.txt'))).toBe(false)
})

test('a file that had grown too large for a checkpoint is kept before it is taken back', async () => {
  await using repo = await testRepository()
  const { worktree, repository, open, write } = await story(repo)
  await write({ data: 'small\n' })
  const first = taken(await (await open()).take({ title: 'Turn 1', turn: 1 }))
  await write({ data: 'y'.repeat(11_000_000) })

  await (await open()).rewind(rewinding(first))

  expect(await at(worktree.dir, 'data')).toBe('small\n')
  const before = (await listCheckpoints(repository, 's1')).at(-2)
  expect(repo.git(['cat-file', '-s', `${before?.commit}:data`]).trim()).toBe('11000000')
})

test('a link an agent planted leads no file of a rewind out of the tree', async () => {
  await using repo = await testRepository()
  const { worktree, open, write } = await story(repo)
  await write({ 'dir/x.txt': 'x\n' })
  const first = taken(await (await open()).take({ title: 'Turn 1', turn: 1 }))
  const outside = join(repo.dir, 'outside')
  await repo.write({ 'x.txt': 'of the person\n' }, outside)
  await rm(join(worktree.dir, 'dir'), { recursive: true })
  await symlink(outside, join(worktree.dir, 'dir'))

  await (await open()).rewind(rewinding(first))

  expect(await at(outside, 'x.txt')).toBe('of the person\n')
  expect(await at(worktree.dir, 'dir/x.txt')).toBe('x\n')
})

test('an attempt that lost its lease leaves no checkpoint', async () => {
  await using repo = await testRepository()
  const { worktree, repository, open } = await story(repo)
  const run = { ...memoryRun(), fence: () => Promise.reject(new Error('Another attempt holds the lease.')) }
  await writeFile(join(worktree.dir, 'a.txt'), 'late\n')

  const late = openCheckpoints(worktree, { storyId: 's1', run, author }).then((c) => c.take({ title: 'Turn 9' }))

  await expect(late).rejects.toThrow('Another attempt')
  expect(await listCheckpoints(repository, 's1')).toEqual([])
  expect(await (await open()).take({ title: 'Turn 1' })).toMatchObject({ n: 1 })
})
