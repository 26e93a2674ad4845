import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Landed, land } from './land.ts'
import { type TestRepository, testRepository } from './testing/repository.ts'

/** main at `from`, and a commit `to` on top of it that changes `a` and adds `n`. */
async function ready(repository: TestRepository) {
  const from = await repository.commit({ a: 'a\n', other: 'o\n', '.gitignore': 'dist/\n.env\n' })
  repository.git(['checkout', '--quiet', '-b', 'story'])
  const to = await repository.commit({ a: 'story\n', n: 'new\n' })
  repository.git(['checkout', '--quiet', 'main'])
  return { repository: await repository.open(), branch: 'main', from, to }
}

const mainOf = (repository: TestRepository) => repository.git(['rev-parse', 'main']).trim()

test('a branch nobody has checked out moves, and asked again has landed', async () => {
  await using repository = await testRepository()
  const landing = await ready(repository)
  repository.git(['checkout', '--quiet', '--detach'])

  const first = await land(landing)
  const again = await land(landing)

  expect([first, again]).toEqual([
    { landed: true, at: landing.to },
    { landed: true, at: landing.to },
  ])
  expect(mainOf(repository)).toBe(landing.to)
})

test('a clean checkout goes along, build output and untracked files in it stay', async () => {
  await using repository = await testRepository()
  const landing = await ready(repository)
  await repository.write({ 'dist/out.js': 'built', 'notes.txt': 'mine' })

  expect(await land(landing)).toEqual({ landed: true, at: landing.to })

  expect(await readFile(join(repository.root, 'a'), 'utf8')).toBe('story\n')
  expect(await readFile(join(repository.root, 'dist/out.js'), 'utf8')).toBe('built')
  expect(repository.git(['status', '--porcelain'])).toBe('?? notes.txt\n')
  expect(await land(landing)).toEqual({ landed: true, at: landing.to })
})

test('a second working tree that has the branch goes along', async () => {
  await using repository = await testRepository()
  const landing = await ready(repository)
  repository.git(['checkout', '--quiet', 'story'])
  repository.git(['worktree', 'add', '--quiet', '../second', 'main'])

  expect(await land(landing)).toEqual({ landed: true, at: landing.to })

  expect(repository.git(['status', '--porcelain'], join(repository.dir, 'second'))).toBe('')
  expect(await readFile(join(repository.dir, 'second', 'n'), 'utf8')).toBe('new\n')
})

test('landed before and built upon since is landed', async () => {
  await using repository = await testRepository()
  const landing = await ready(repository)
  await land(landing)
  await repository.commit({ more: 'm\n' })

  expect(await land(landing)).toEqual({ landed: true, at: landing.to })
})

test.each([['checked out'], ['not checked out']])('a branch that has moved is left alone (%s)', async (where) => {
  await using repository = await testRepository()
  const landing = await ready(repository)
  const moved = await repository.commit({ other: 'moved\n' })
  if (where === 'not checked out') repository.git(['checkout', '--quiet', '--detach'])

  expect(await land(landing)).toEqual({ moved })

  expect(mainOf(repository)).toBe(moved)
})

test.each<[string, Record<string, string>, string[]]>([
  ['a change in a file of the story', { a: 'mine\n' }, ['a']],
  ['a change in another file', { other: 'mine\n' }, ['other']],
  ['an untracked file in the story’s way', { n: 'mine\n' }, ['n']],
])('work in the person’s checkout keeps the branch where it is: %s', async (_, files, named) => {
  await using repository = await testRepository()
  const landing = await ready(repository)
  await repository.write(files)

  expect(await land(landing)).toMatchObject({ dirty: repository.root, files: named, why: expect.stringMatching(/\w/) })

  expect(mainOf(repository)).toBe(landing.from)
  for (const [path, text] of Object.entries(files))
    expect(await readFile(join(repository.root, path), 'utf8')).toBe(text)
})

test('an ignored file in the story’s way is not written over', async () => {
  await using repository = await testRepository()
  const { from } = await ready(repository)
  repository.git(['checkout', '--quiet', 'story'])
  await repository.write({ '.env': 'from the story\n' })
  repository.git(['add', '--force', '.env'])
  repository.git(['commit', '--quiet', '--amend', '-m', 'Story'])
  const to = repository.git(['rev-parse', 'HEAD']).trim()
  repository.git(['checkout', '--quiet', 'main'])
  await repository.write({ '.env': 'secret\n' })

  expect(await land({ repository: await repository.open(), branch: 'main', from, to })).toMatchObject({
    dirty: repository.root,
    files: ['.env'],
  })

  expect(await readFile(join(repository.root, '.env'), 'utf8')).toBe('secret\n')
  expect(mainOf(repository)).toBe(from)
})

test('a branch in the middle of the person’s rebase keeps still', async () => {
  await using repository = await testRepository()
  const landing = await ready(repository)
  repository.git(['checkout', '--quiet', '-b', 'upstream', landing.from])
  await repository.commit({ z: 'z\n' })
  repository.git(['checkout', '--quiet', 'main'])
  const tip = await repository.commit({ y: 'y\n' })
  expect(() => repository.git(['rebase', '--exec', 'false', 'upstream'])).toThrow()
  repository.git(['branch', 'next', tip])
  repository.git(['checkout', '--quiet', '--detach'])

  const answer = await land({
    ...landing,
    from: tip,
    to: repository.git(['commit-tree', `${tip}^{tree}`, '-p', tip, '-m', 'x']).trim(),
  })

  expect(answer).toMatchObject({ dirty: repository.root, why: expect.stringContaining('rebased') })
  expect(mainOf(repository)).toBe(tip)
})

test('the person’s own filters run in their own checkout', async () => {
  await using repository = await testRepository()
  const base = await repository.commit({ '.gitattributes': '*.up filter=up\n' })
  const program = join(repository.dir, 'up')
  await writeFile(program, '#!/bin/sh\ntr a-z A-Z\n')
  await chmod(program, 0o755)
  repository.git(['checkout', '--quiet', '-b', 'story'])
  const to = await repository.commit({ 'x.up': 'quiet\n' })
  repository.git(['checkout', '--quiet', 'main'])
  await writeFile(join(repository.dir, '.gitconfig'), `[filter "up"]\n\tsmudge = ${program}\n\tclean = tr A-Z a-z\n`)

  await land({ repository: await repository.open(), branch: 'main', from: base, to })

  expect(await readFile(join(repository.root, 'x.up'), 'utf8')).toBe('QUIET\n')
})

test('a lock that another git holds is not taken for the person’s work', async () => {
  await using repository = await testRepository()
  const landing = await ready(repository)
  await repository.write({ '.git/index.lock': '' })

  await expect(land(landing)).rejects.toThrow(/index\.lock/)
  await rm(join(repository.root, '.git/index.lock'))

  expect(await land(landing)).toEqual({ landed: true, at: landing.to })
})

test('its process killed in the middle, the next one finds it landed', async () => {
  await using repository = await testRepository()
  const many = (text: string) => Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`f${i}`, `${text}\n`]))
  const from = await repository.commit(many('old'))
  repository.git(['checkout', '--quiet', '-b', 'story'])
  const to = await repository.commit(many('new'))
  repository.git(['checkout', '--quiet', 'main'])
  const script = `
    const { land } = await import(${JSON.stringify(new URL('land.ts', import.meta.url).href)})
    const { openRepository } = await import(${JSON.stringify(new URL('repository.ts', import.meta.url).href)})
    const repository = await openRepository(${JSON.stringify(repository.root)})
    await land({ repository, branch: 'main', from: '${from}', to: '${to}' })`
  const lander = spawn(process.execPath, ['--input-type=module', '-e', script], { detached: true, stdio: 'inherit' })
  const first = join(repository.root, 'f0')
  while (isOld(first)) await turn()
  process.kill(-(lander.pid ?? 0), 'SIGKILL')
  await once(lander, 'exit')

  const landing = { repository: await repository.open(), branch: 'main', from, to }
  let landed: Landed | undefined
  while (landed === undefined) landed = await land(landing).catch(onlyBusy)

  expect(landed).toEqual({ landed: true, at: to })
  while (existsSync(join(repository.root, '.git/index.lock'))) await turn()
  expect(repository.git(['status', '--porcelain'])).toBe('')
})

/** Git takes a file away before it writes the new one. */
function isOld(file: string): boolean {
  try {
    return readFileSync(file, 'utf8') === 'old\n'
  } catch {
    return false
  }
}

function onlyBusy(error: unknown): undefined {
  expect(String(error)).toContain('index.lock')
}
