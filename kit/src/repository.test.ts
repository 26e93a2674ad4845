import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Refusal } from './errors.ts'
import { openRepository } from './repository.ts'
import { testRepository } from './testing/repository.ts'

test('opens from anywhere inside and says what stands where', async () => {
  await using repository = await testRepository()
  const first = await repository.commit({ 'src/a b.txt': 'one\n', 'ü.txt': 'u\n' }, 'First\n\nWith a body.')
  await repository.commit({ 'src/a b.txt': 'two\n' }, 'Second')

  const opened = await openRepository(join(repository.root, 'src'), repository.env)

  expect(opened.root).toBe(repository.root)
  expect(await opened.defaultBase()).toBe('main')
  expect(await opened.isClean()).toBe(true)
  expect(await opened.checkedOutAt('main')).toEqual([repository.root])
  expect(await opened.identity()).toEqual({ name: 'Ada', email: 'ada@example.org' })
  expect(await opened.readAt(first, 'src/a b.txt')).toBe('one\n')
  expect(await opened.readAt(first, 'src')).toBeNull()
  expect(await opened.readAt(first, 'none')).toBeNull()
  expect(await opened.listFiles(first)).toEqual(['src/a b.txt', 'ü.txt'])
  expect((await opened.log(2)).map((entry) => entry.subject)).toEqual(['Second', 'First'])
  expect((await opened.log(2))[1]?.commit).toBe(first)
})

test('an untracked file makes it unclean', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a' })
  await repository.write({ b: 'b' })

  const opened = await repository.open()

  expect(await opened.isClean()).toBe(false)
})

test('a branch in a second working tree is found there, also while it is being rebased', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n' })
  const second = join(repository.dir, 'second')
  repository.git(['worktree', 'add', '--quiet', '-b', 'topic', second])
  await repository.commit({ a: 'b\n' })
  await repository.write({ a: 'c\n' }, second)
  repository.git(['commit', '--quiet', '-am', 'c'], second)
  const opened = await repository.open()
  expect(await opened.checkedOutAt('topic')).toEqual([second])

  expect(() => repository.git(['rebase', 'main'], second)).toThrow(/conflict/i)

  expect(await opened.checkedOutAt('topic')).toEqual([second])
})

test('the person’s global config and environment say who they are', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a' })
  repository.git(['config', '--unset', 'user.name'])
  repository.git(['config', '--unset', 'user.email'])
  const nobody = await repository.open()
  expect(await nobody.identity()).toBeNull()
  await expect(nobody.requireIdentity()).rejects.toThrow(/who you are.*git config --global user.name/)

  await writeFile(join(repository.dir, '.gitconfig'), '[user]\n\tname = Global\n')
  const somebody = await openRepository(repository.root, { ...repository.env, GIT_AUTHOR_EMAIL: 'env@example.org' })

  expect(await somebody.identity()).toEqual({ name: 'Global', email: 'env@example.org' })
})

test.each([
  ['no such directory', async (dir: string) => join(dir, 'none'), /There is no/],
  ['not a repository', async (dir: string) => dir, /not a git repository.*git init/],
  ['bare', (dir: string, git: Git) => made(dir, git, ['init', '--quiet', '--bare', 'x']), /bare repository.*Clone/],
  [
    'without commits',
    (dir: string, git: Git) => made(dir, git, ['init', '--quiet', 'x']),
    /no commits yet.*git commit/,
  ],
])('refuses a place that is %s, and says what to do', async (_, place, sentence) => {
  await using repository = await testRepository()
  const path = await place(repository.dir, repository.git)

  const opening = openRepository(path, repository.env)

  await expect(opening).rejects.toThrow(sentence)
  await expect(opening).rejects.toBeInstanceOf(Refusal)
})

test('refuses to guess a base when no branch is checked out', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a' })
  repository.git(['checkout', '--quiet', '--detach'])

  const opened = await repository.open()

  await expect(opened.defaultBase()).rejects.toThrow(/no branch checked out.*git switch/)
})

test.each([
  ['git version 2.37.9', /2\.37 is too old.*2\.38/],
  ['no git at all', /git is not installed/],
])('refuses %s', async (version, sentence) => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a' })
  const bin = join(repository.dir, 'bin')
  await mkdir(bin)
  if (version.startsWith('git')) await writeFile(join(bin, 'git'), `#!/bin/sh\necho "${version}"\n`, { mode: 0o755 })

  const opening = openRepository(repository.root, {
    ...repository.env,
    PATH: version.startsWith('git') ? `${bin}:${repository.env.PATH}` : bin,
  })

  await expect(opening).rejects.toThrow(sentence)
})

test('opens a shallow clone', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a' })
  const tip = await repository.commit({ a: 'b' })
  repository.git(['clone', '--quiet', '--depth=1', `file://${repository.root}`, '../shallow'])

  const opened = await openRepository(join(repository.dir, 'shallow'), repository.env)

  expect(await opened.head('main')).toBe(tip)
  expect(await opened.readAt(tip, 'a')).toBe('b')
})

type Git = (args: string[], cwd?: string) => string

async function made(dir: string, git: Git, args: string[]): Promise<string> {
  git(args, dir)
  return join(dir, 'x')
}
