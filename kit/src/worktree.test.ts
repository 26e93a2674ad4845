import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, lstat, readFile, readlink, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { commitAll } from './changes.ts'
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

/** A process of its own, in a group of its own, that makes these all at once. */
function makerOf(repository: TestRepository, stories: readonly string[]): ChildProcess {
  const script = `
    const { makeWorktree } = await import(${JSON.stringify(new URL('worktree.ts', import.meta.url).href)})
    const { openRepository } = await import(${JSON.stringify(new URL('repository.ts', import.meta.url).href)})
    const repository = await openRepository(${JSON.stringify(repository.root)})
    const make = (story) =>
      makeWorktree({ repository, dir: ${JSON.stringify(`${repository.dir}/worktrees/`)} + story, branch: 'sluice/' + story, base: 'main' })
    await Promise.all(${JSON.stringify(stories)}.map(make))`
  const argv = ['--input-type=module', '-e', script]
  return spawn(process.execPath, argv, { detached: true, env: repository.env, stdio: 'inherit' })
}

test('holds every kind of file of its base, and git finds nothing changed', async () => {
  await using repository = await testRepository()
  await repository.write({
    'run.sh': '#!/bin/sh\n',
    'a b/ü\n.txt': 'x\n',
    'dos.bat': 'a\r\n',
    '.gitattributes': '*.bat eol=crlf\n',
  })
  await chmod(join(repository.root, 'run.sh'), 0o755)
  await symlink('a b', join(repository.root, 'link'))
  const base = await repository.commit({})

  const worktree = await worktreeOf(repository, 's1')

  expect(worktree).toMatchObject({ branch: 'sluice/s1', base })
  expect((await lstat(join(worktree.dir, 'run.sh'))).mode & 0o111).toBe(0o111)
  expect(await readlink(join(worktree.dir, 'link'))).toBe('a b')
  expect(await readFile(join(worktree.dir, 'a b/ü\n.txt'), 'utf8')).toBe('x\n')
  expect(await readFile(join(worktree.dir, 'dos.bat'), 'utf8')).toBe('a\r\n')
  expect(repository.git(['status', '--porcelain'], worktree.dir)).toBe('')
  expect(repository.git(['branch', '--show-current'], worktree.dir).trim()).toBe('sluice/s1')
})

test('asked for again it is the same one, with the work in it', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n' })
  const first = await worktreeOf(repository, 's1')
  await repository.write({ a: 'work\n', b: 'more\n' }, first.dir)
  await rm(join(first.dir, '.git'))
  await repository.commit({ a: 'main has moved\n' })

  const second = await worktreeOf(repository, 's1', first.base)

  expect({ ...second, repository: 0 }).toEqual({ ...first, repository: 0 })
  expect(await readFile(join(second.dir, 'a'), 'utf8')).toBe('work\n')
  expect(await readFile(join(second.dir, 'b'), 'utf8')).toBe('more\n')
  expect(repository.git(['status', '--porcelain'], second.dir)).toBe(' M a\n?? b\n')
  expect(repository.git(['branch', '--list', 'sluice/*']).trim().split('\n')).toHaveLength(1)
})

test('its directory gone, it is made again at the tip of its branch', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n' })
  const first = await worktreeOf(repository, 's1')
  await repository.write({ a: 'committed\n' }, first.dir)
  await commitAll(first, { message: 'Work', author, expectedTip: first.base })
  await rm(first.dir, { recursive: true })

  const second = await worktreeOf(repository, 's1')

  expect(await readFile(join(second.dir, 'a'), 'utf8')).toBe('committed\n')
  expect(repository.git(['status', '--porcelain'], second.dir)).toBe('')
})

test('sixteen at once in one repository all come to be', async () => {
  await using repository = await testRepository()
  await repository.commit(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`d${i}/f`, `${i}\n`])))
  const stories = Array.from({ length: 16 }, (_, i) => `s${i}`)

  const made = await Promise.all(stories.map((story) => worktreeOf(repository, story)))

  expect(new Set(made.map((worktree) => worktree.gitDir)).size).toBe(16)
  for (const worktree of made) expect(repository.git(['status', '--porcelain'], worktree.dir)).toBe('')
})

test('fifty at once by five processes, one of them killed in the middle: every one comes to be, whole and once', async () => {
  await using repository = await testRepository()
  const base = await repository.commit(Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`d${i}/f`, `${i}\n`])))
  const stories = Array.from({ length: 50 }, (_, i) => `s${i}`)
  const dirOf = (story: string) => join(repository.dir, 'worktrees', story)
  const makers = Array.from({ length: 5 }, (_, n) => makerOf(repository, stories.slice(n * 10, n * 10 + 10)))
  const [unlucky] = makers
  while (stories.slice(0, 10).filter((story) => existsSync(dirOf(story))).length < 4) await turn()
  process.kill(-(unlucky?.pid ?? 0), 'SIGKILL')
  await Promise.all(makers.map((maker) => maker.exitCode ?? maker.signalCode ?? once(maker, 'exit')))
  expect(makers.slice(1).map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0])

  const made = await Promise.all(stories.map((story) => worktreeOf(repository, story)))

  expect(new Set(made.map(({ gitDir }) => gitDir)).size).toBe(50)
  expect(repository.git(['worktree', 'list']).trim().split('\n')).toHaveLength(51)
  for (const { dir } of made) {
    expect(repository.git(['status', '--porcelain'], dir)).toBe('')
    expect(repository.git(['rev-parse', 'HEAD'], dir).trim()).toBe(base)
  }
}, 120_000)

test('two askers of the same one at once get one whole worktree', async () => {
  await using repository = await testRepository()
  await repository.commit(Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`d${i}/f`, `${i}\n`])))

  const [one, other] = await Promise.all([worktreeOf(repository, 's1'), worktreeOf(repository, 's1')])

  expect(one?.gitDir).toBe(other?.gitDir)
  expect(repository.git(['status', '--porcelain'], one?.dir)).toBe('')
})

test.each([
  ['the branch is made', (root: string) => existsSync(join(root, '.git/refs/heads/sluice/s1'))],
  ['git has begun to register it', (root: string) => existsSync(join(root, '.git/worktrees/s1/locked'))],
  ['git has registered it', (root: string) => existsSync(join(root, '.git/worktrees/s1/HEAD'))],
  ['the first files are there', (_: string, dir: string) => existsSync(dir) && readdirSync(dir).length > 1],
  ['many files are there', (_: string, dir: string) => existsSync(dir) && readdirSync(dir).length > 400],
])('killed as soon as %s, the next one asked for is whole', async (_, reached) => {
  await using repository = await testRepository()
  const base = await repository.commit(Object.fromEntries(Array.from({ length: 800 }, (_, i) => [`f${i}`, `${i}\n`])))
  const dir = join(repository.dir, 'worktrees', 's1')
  const maker = makerOf(repository, ['s1'])
  while (!reached(repository.root, dir)) await turn()
  // The whole process group: git does not finish the work of a dead parent.
  process.kill(-(maker.pid ?? 0), 'SIGKILL')
  await once(maker, 'exit')

  const worktree = await worktreeOf(repository, 's1')

  expect(repository.git(['status', '--porcelain'], worktree.dir)).toBe('')
  expect(repository.git(['rev-parse', 'HEAD'], worktree.dir).trim()).toBe(base)
  expect(readdirSync(worktree.dir)).toHaveLength(801)
  expect(repository.git(['worktree', 'list']).trim().split('\n')).toHaveLength(2)
})

test('a git worktree add that died between two of its files, which stops git in the whole repository, is cleared away', async () => {
  await using repository = await testRepository()
  const base = await repository.commit({ a: 'a\n' })
  const dir = join(repository.dir, 'worktrees', 's1')
  await repository.write(
    { locked: 'initializing', gitdir: `${dir}/.git\n`, commondir: '' },
    join(repository.root, '.git/worktrees/s1'),
  )
  expect(() => repository.git(['rev-list', '--all'])).toThrow(/commondir/)

  const worktree = await worktreeOf(repository, 's1')

  expect(repository.git(['rev-parse', 'HEAD'], worktree.dir).trim()).toBe(base)
  expect(repository.git(['rev-list', '--all']).trim()).toBe(base)
})

test('a git that outlived who asked for it is let finish: what it has not written yet is not held against the worktree', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n' })
  const { gitDir } = await worktreeOf(repository, 's1')
  // As `git worktree add` leaves it for a moment.
  await repository.write({ HEAD: `${'0'.repeat(40)}\n`, locked: 'initializing' }, gitDir)
  const finishing = delay(40).then(async () => {
    await repository.write({ HEAD: 'ref: refs/heads/sluice/s1\n' }, gitDir)
    await rm(join(gitDir, 'locked'))
  })

  const [again] = await Promise.all([worktreeOf(repository, 's1'), finishing])

  expect(again.gitDir).toBe(gitDir)
})

test('refuses a directory that holds something else, and a branch the person has checked out', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n' })
  await repository.write({ 'worktrees/s1/theirs': 'precious' }, repository.dir)
  repository.git(['checkout', '--quiet', '-b', 'sluice/s2'])

  await expect(worktreeOf(repository, 's1')).rejects.toThrow(/in the way/)
  await expect(worktreeOf(repository, 's2')).rejects.toThrow(/Check out another branch/)

  expect(await readFile(join(repository.dir, 'worktrees/s1/theirs'), 'utf8')).toBe('precious')
})
