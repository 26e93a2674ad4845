import { execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, rename, rm, stat, symlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BranchMoved, commitAll } from './changes.ts'
import { type TestRepository, testRepository } from './testing/repository.ts'
import { makeWorktree, type Worktree } from './worktree.ts'

const author = { name: 'Ada', email: 'ada@example.org' }

async function storyOn(repository: TestRepository): Promise<Worktree> {
  return makeWorktree({
    repository: await repository.open(),
    dir: join(repository.dir, 'story'),
    branch: 'sluice/story',
    base: 'main',
  })
}

async function committed(worktree: Worktree, expectedTip = worktree.base) {
  const done = await commitAll(worktree, { message: 'Story', author, expectedTip })
  if ('nothing' in done) throw new Error('nothing was committed')
  return done
}

test('commits names with spaces, line breaks and umlauts, links, modes, moves and removals', async () => {
  await using repository = await testRepository()
  await repository.commit({
    'gone.txt': 'g\n',
    'was file': 'f\n',
    'was/dir': 'd\n',
    'mode.sh': 'x\n',
    'old name': 'o\n',
    'via/link': 'l\n',
  })
  const worktree = await storyOn(repository)
  const at = (path: string) => join(worktree.dir, path)
  await rm(at('gone.txt'))
  await rm(at('was file'))
  await rm(at('was'), { recursive: true })
  await rename(at('old name'), at('new name'))
  await chmod(at('mode.sh'), 0o755)
  await rename(at('via'), at('moved'))
  await symlink('moved', at('via'))
  await symlink('/etc/passwd', at('outside'))
  execFileSync('mkfifo', [at('pipe')])
  await repository.write(
    {
      'was file/now dir': 'n\n',
      was: 'file\n',
      'a b\nc.txt': 'n\n',
      'ü/日本.txt': 'u\n',
      ':(top)x': 'p\n',
      '-n': 'dash\n',
    },
    worktree.dir,
  )

  const { commit, tree, changed } = await committed(worktree)

  const names = [
    '-n',
    ':(top)x',
    'a b\nc.txt',
    'gone.txt',
    'mode.sh',
    'moved/link',
    'new name',
    'old name',
    'outside',
    'via',
    'via/link',
  ]
  expect(changed).toEqual([...names, 'was', 'was file', 'was file/now dir', 'was/dir', 'ü/日本.txt'])
  expect(repository.git(['ls-tree', tree, 'via', 'outside', 'mode.sh']).match(/^\d+/gm)).toEqual([
    '100755',
    '120000',
    '120000',
  ])
  expect(repository.git(['rev-parse', 'sluice/story']).trim()).toBe(commit)
  expect(repository.git(['cat-file', 'blob', `${commit}:outside`])).toBe('/etc/passwd')
  expect(repository.git(['status', '--porcelain'], worktree.dir)).toBe('')
})

test('says who, why and with which trailers, and no value can add one', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n' })
  const worktree = await storyOn(repository)
  await repository.write({ a: 'b\n' }, worktree.dir)

  await commitAll(worktree, {
    message: 'Story\n\nWhy.\n',
    author,
    trailers: { Story: 's1', Approved: 'Ada\nApproved: Mallory' },
    expectedTip: worktree.base,
  })

  expect(repository.git(['log', '-1', '--format=%an <%ae>|%B', 'sluice/story']).trim()).toBe(
    'Ada <ada@example.org>|Story\n\nWhy.\n\nStory: s1\nApproved: Ada Approved: Mallory',
  )
})

test('with nothing changed there is nothing, also the second time', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n', '.gitignore': 'out/\n*.log\n' })
  await repository.write({ '.git/info/exclude': 'private\n' })
  const worktree = await storyOn(repository)
  await repository.write({ 'out/x': 'x', 'y.log': 'y', private: 'p' }, worktree.dir)
  await utimes(join(worktree.dir, 'a'), 1, 1)

  expect(await commitAll(worktree, { message: 'Story', author, expectedTip: worktree.base })).toEqual({ nothing: true })
  await repository.write({ a: 'b\n' }, worktree.dir)
  const { commit, changed } = await committed(worktree)

  expect(changed).toEqual(['a'])
  expect(await commitAll(worktree, { message: 'Story', author, expectedTip: commit })).toEqual({ nothing: true })
})

test('a change that keeps size and time is still seen', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'aaaa\n' })
  const worktree = await storyOn(repository)
  const { atime, mtime } = await stat(join(worktree.dir, 'a'))
  await repository.write({ a: 'bbbb\n' }, worktree.dir)
  await utimes(join(worktree.dir, 'a'), atime, mtime)

  const { changed } = await committed(worktree)

  expect(changed).toEqual(['a'])
})

test('what is written within the same instant as a commit is in the next one', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: '0000\n' })
  const worktree = await storyOn(repository)
  let tip = worktree.base
  for (let i = 1; i <= 10; i++) {
    await repository.write({ a: `${1000 + i}\n` }, worktree.dir)
    tip = (await committed(worktree, tip)).commit

    expect(await worktree.repository.readAt(tip, 'a')).toBe(`${1000 + i}\n`)
  }
})

test('a branch somebody else has moved is left as it is', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n' })
  const worktree = await storyOn(repository)
  await repository.write({ a: 'one\n' }, worktree.dir)
  const { commit } = await committed(worktree)
  await repository.write({ a: 'two\n' }, worktree.dir)

  const stale = commitAll(worktree, { message: 'Stale', author, expectedTip: worktree.base })

  await expect(stale).rejects.toBeInstanceOf(BranchMoved)
  expect(repository.git(['rev-parse', 'sluice/story']).trim()).toBe(commit)
})

test('refuses a new 12 MB file by name, takes one that base tracks', async () => {
  await using repository = await testRepository()
  await repository.commit({ 'tracked.bin': Buffer.alloc(12_000_000, 'a') })
  const worktree = await storyOn(repository)
  await repository.write(
    { 'tracked.bin': Buffer.alloc(12_000_001, 'b'), 'data/new dump.bin': Buffer.alloc(12_000_000, 'c') },
    worktree.dir,
  )

  await expect(committed(worktree)).rejects.toThrow(/not tracked before: data\/new dump\.bin \(12 MB\)\./)
  await rm(join(worktree.dir, 'data'), { recursive: true })

  expect((await committed(worktree)).changed).toEqual(['tracked.bin'])
})

test.each(['.git', '.GIT', 'src/.git', 'src/.Git', 'deep/er/git~1'])(
  'refuses %s by name, whatever it holds',
  async (path) => {
    await using repository = await testRepository()
    await repository.commit({ 'src/a': 'a\n' })
    const worktree = await storyOn(repository)
    await rm(join(worktree.dir, path), { force: true })
    await mkdir(join(worktree.dir, path), { recursive: true })

    await expect(committed(worktree)).rejects.toThrow(`of its own at ${path}.`)
  },
)

test('a nested repository that .gitignore names is nobody’s business', async () => {
  await using repository = await testRepository()
  await repository.commit({ a: 'a\n', '.gitignore': 'node_modules\n' })
  const worktree = await storyOn(repository)
  await repository.write({ a: 'b\n', 'node_modules/x/.git/HEAD': 'ref: x' }, worktree.dir)

  expect((await committed(worktree)).changed).toEqual(['a'])
})

test('CRLF files that the tree wants normalised are committed with LF', async () => {
  await using repository = await testRepository()
  await repository.commit({ 'a.txt': 'a\n', '.gitattributes': '*.txt text eol=crlf\n' })
  const worktree = await storyOn(repository)
  expect(await readFile(join(worktree.dir, 'a.txt'), 'utf8')).toBe('a\r\n')
  await repository.write({ 'a.txt': 'a\r\nb\r\n' }, worktree.dir)

  const { commit } = await committed(worktree)

  expect(await worktree.repository.readAt(commit, 'a.txt')).toBe('a\nb\n')
})

test('a submodule of the base stays as it is', async () => {
  await using repository = await testRepository()
  const first = await repository.commit({ a: 'a\n' })
  repository.git(['update-index', '--add', '--cacheinfo', `160000,${first},lib/sub`])
  repository.git(['commit', '--quiet', '-m', 'Submodule'])
  const worktree = await storyOn(repository)
  await repository.write({ a: 'b\n' }, worktree.dir)

  const { commit, changed } = await committed(worktree)

  expect(changed).toEqual(['a'])
  expect(repository.git(['ls-tree', commit, 'lib/sub'])).toContain(`160000 commit ${first}`)
})
