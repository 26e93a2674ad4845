import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commitAll } from './changes.ts'
import { removeWorktree } from './remove-worktree.ts'
import { type TestRepository, testRepository } from './testing/repository.ts'
import { makeWorktree } from './worktree.ts'

const author = { name: 'Ada', email: 'ada@example.org' }

async function worktreeOf(repository: TestRepository, story: string, base = 'main') {
  return makeWorktree({
    repository: await repository.open(),
    dir: join(repository.dir, 'worktrees', story),
    branch: `sluice/${story}`,
    base,
  })
}

test('is removed when a kept branch has all of it, ignored files aside, and the branch stays', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n', '.gitignore': 'out\n' })
  const worktree = await worktreeOf(repository, 's1')
  await repository.write({ a: 'work\n', out: 'built' }, worktree.dir)
  await commitAll(worktree, { message: 'Work', author, expectedTip: worktree.base })

  expect(await removeWorktree(worktree, { keptRefs: ['refs/heads/sluice/s1'] })).toEqual({ removed: true })
  expect(await removeWorktree(worktree, { keptRefs: ['refs/heads/sluice/s1'] })).toEqual({ removed: true })

  expect(existsSync(worktree.dir)).toBe(false)
  expect(repository.git(['worktree', 'list']).trim().split('\n')).toHaveLength(1)
  expect(repository.git(['branch', '--list', 'sluice/s1'])).toContain('sluice/s1')
})

test('is removed when what it holds is in an older kept commit only', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'one\n' })
  const worktree = await worktreeOf(repository, 's1')
  await repository.commit({ a: 'two\n' })
  await repository.commit({ a: 'three\n' })
  await repository.write({ a: 'two\n' }, worktree.dir)

  expect(await removeWorktree(worktree, { keptRefs: ['refs/heads/main'] })).toEqual({ removed: true })
})

test.each([
  ['an uncommitted change', { a: 'work\n' }, ['refs/heads/main'], 'a is in no kept commit'],
  ['an untracked file', { 'd/new': 'work\n' }, ['refs/heads/main'], 'd/new is in no kept commit'],
  ['nothing to keep it', {}, ['refs/heads/none'], 'refs/heads/none, which should keep it, does not exist'],
])('stays and says why: %s', async (_, files, keptRefs, why) => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n' })
  const worktree = await worktreeOf(repository, 's1')
  await repository.write(files as Record<string, string>, worktree.dir)

  expect(await removeWorktree(worktree, { keptRefs })).toEqual({ removed: false, why })

  expect(await readFile(join(worktree.dir, 'a'), 'utf8')).toBe((files as Record<string, string>).a ?? 'a\n')
})

test('stays when a repository inside it could hold what git does not see', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n' })
  const worktree = await worktreeOf(repository, 's1')
  repository.git(['init', '--quiet', 'inner'], worktree.dir)
  await writeFile(join(worktree.dir, 'inner', 'x'), 'x')

  const removal = await removeWorktree(worktree, { keptRefs: ['refs/heads/main'] })

  expect(removal).toMatchObject({ removed: false, why: expect.stringContaining('inner/.git') })
})
