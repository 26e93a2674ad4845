/** What of a person's own checkout a fresh one gets: what they list and git ignores, and nothing else. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { copyGranted } from './copied-files.ts'
import { CopyPattern, notGranted } from './copy-pattern.ts'
import { testRepository } from './testing/repository.ts'
import { makeWorktree } from './worktree.ts'

async function world(files: Record<string, string> = {}) {
  const repo = await testRepository()
  const base = await repo.commit({
    '.gitignore': '.env*\nconfig/*.json\n*.pem\n',
    'a.txt': 'a\n',
    'config/kept.txt': 'x\n',
  })
  await repo.write(files)
  const repository = await repo.open()
  const dir = join(repo.dir, 'worktrees', 's1')
  const { gitDir } = await makeWorktree({ repository, dir, branch: 'sluice/s1', base })
  return {
    ...{ repo, dir },
    copy: (...granted: string[]) => copyGranted(repository, { dir, index: join(gitDir, 'index') }, granted),
    [Symbol.asyncDispose]: () => repo[Symbol.asyncDispose](),
  }
}

test('gets what is listed, by name and by glob, and leaves what is not', async () => {
  await using at = await world({
    '.env.test': 'A=1\n',
    'config/local.json': '{}\n',
    'config/other.json': '[]\n',
    '.env': 'SECRET\n',
  })

  expect(await at.copy('.env.test', 'config/*.json')).toEqual({
    copied: ['.env.test', 'config/local.json', 'config/other.json'],
    left: [],
  })

  expect(await readFile(join(at.dir, '.env.test'), 'utf8')).toBe('A=1\n')
  expect(existsSync(join(at.dir, '.env'))).toBe(false)
  expect(at.repo.git(['status', '--porcelain'], at.dir)).toBe('')
})

test('what git does not ignore, or tracks, is left and said: it would become part of the story', async () => {
  await using at = await world({ 'notes.md': 'mine\n', 'a.txt': 'changed\n' })

  const { copied, left } = await at.copy('notes.md', 'a.txt', 'config/*')

  expect(copied).toEqual([])
  expect(left.map(({ path }) => path)).toEqual(['a.txt', 'config/kept.txt', 'notes.md'])
  expect(left[0]?.why).toContain('git does not ignore it')
  expect(await readFile(join(at.dir, 'a.txt'), 'utf8')).toBe('a\n')
})

test('no link leads out of the checkout, and none out of the worktree', async () => {
  await using at = await world({})
  await at.repo.write({ 'id.pem': 'KEY\n', 'config.json': '{}' }, at.repo.dir)
  await symlink('../id.pem', join(at.repo.root, 'own.pem'))
  await mkdir(join(at.repo.root, '.env.d'))
  await symlink('../..', join(at.repo.root, '.env.d', 'up'))

  const { copied, left } = await at.copy('*.pem', '.env.d/up/*.pem')

  expect(copied).toEqual([])
  expect(left).toContainEqual({ path: 'own.pem', why: 'it is no plain file' })
  expect(existsSync(join(at.dir, 'own.pem'))).toBe(false)
})

test('what stands there already stays as it is', async () => {
  await using at = await world({ '.env.test': 'A=1\n' })
  await at.repo.write({ '.env.test': 'A=2\n' }, at.dir)

  expect(await at.copy('.env.test')).toEqual({ copied: [], left: [{ path: '.env.test', why: 'it is there already' }] })
  expect(await readFile(join(at.dir, '.env.test'), 'utf8')).toBe('A=2\n')
})

test('a pattern stays below the repository; what is asked for and not listed is named', () => {
  expect(CopyPattern.safeParse('../id.pem').success).toBe(false)
  expect(CopyPattern.safeParse('/etc/passwd').success).toBe(false)
  expect(notGranted(['.env.test', '.env', 'config/a.json'], ['.env.test', 'config/*.json'])).toEqual(['.env'])
})
