import { expect, test } from 'vitest'
import { patchId } from './diff.ts'
import { rebase } from './rebase.ts'
import { type TestRepository, testRepository } from './testing/repository.ts'

const LINES = Array.from({ length: 30 }, (_, i) => `line ${i}\n`)

/** A story of two commits at the end of a file, and a main branch that has moved on. */
async function twoSides(repository: TestRepository, main: Record<string, string>) {
  const base = await repository.commit({ f: LINES.join('') })
  repository.git(['checkout', '--quiet', '-b', 'story'])
  await repository.commit({ f: LINES.with(28, 'story\n').join('') }, 'One')
  const tip = await repository.commit({ n: 'new\n' }, 'Two')
  repository.git(['checkout', '--quiet', 'main'])
  const onto = await repository.commit(main, 'Main')
  return { repository: await repository.open(), base, tip, onto }
}

test.each([[false], [true]])(
  'clean, it keeps the change’s id and gives the same commit twice (every commit kept: %s)',
  async (keepCommits) => {
    await using repository = await testRepository()
    const sides = await twoSides(repository, { f: LINES.with(1, 'main\n').join('') })

    const first = await rebase({ ...sides, keepCommits })
    const second = await rebase({ ...sides, keepCommits })

    expect(second).toEqual(first)
    if (!('commit' in first)) throw new Error('a conflict')
    expect(first.patchId).toBe(await patchId(sides.repository, sides.base, sides.tip))
    expect(await sides.repository.readAt(first.commit, 'f')).toBe(LINES.with(28, 'story\n').with(1, 'main\n').join(''))
    const subjects = repository
      .git(['log', '--format=%s', `${sides.onto}..${first.commit}`])
      .trim()
      .split('\n')
    expect(subjects).toEqual(keepCommits ? ['Two', 'One'] : ['Two'])
  },
)

test('one commit carries the story’s message and trailers, and its author', async () => {
  await using repository = await testRepository()
  const sides = await twoSides(repository, { other: 'x\n' })

  const done = await rebase({ ...sides, message: 'Keep drafts', trailers: { Story: 's1' } })

  if (!('commit' in done)) throw new Error('a conflict')
  expect(repository.git(['log', '-1', '--format=%an|%B', done.commit]).trim()).toBe('Ada|Keep drafts\n\nStory: s1')
  expect(repository.git(['rev-parse', `${done.commit}^`]).trim()).toBe(sides.onto)
})

test.each([[false], [true]])(
  'a conflict shows both sides and the base between them (every commit kept: %s)',
  async (keepCommits) => {
    await using repository = await testRepository()
    const sides = await twoSides(repository, { f: LINES.with(28, 'main\n').join('') })

    const done = await rebase({ ...sides, keepCommits })

    if (!('conflict' in done)) throw new Error('no conflict')
    expect(done.conflict.files).toEqual(['f'])
    expect(done.conflict.details[0]?.text).toMatch(
      /<<<<<<< base branch\nmain\n\|\|\|\|\|\|\| \w+\nline 28\n=======\nstory\n>>>>>>> story\n/,
    )
    expect(done.conflict.messages).toContain('Merge conflict in f')
  },
)

test('a file removed on one side and changed on the other is a conflict', async () => {
  await using repository = await testRepository()
  const base = await repository.commit({ f: 'f\n', g: 'g\n' })
  repository.git(['checkout', '--quiet', '-b', 'story'])
  const tip = await repository.commit({ f: 'changed\n' })
  repository.git(['checkout', '--quiet', 'main'])
  repository.git(['rm', '--quiet', 'f'])
  const onto = await repository.commit({})

  const done = await rebase({ repository: await repository.open(), base, tip, onto })

  expect(done).toMatchObject({ conflict: { files: ['f'], messages: expect.stringContaining('modify/delete') } })
})

test('what the base has by now leaves nothing', async () => {
  await using repository = await testRepository()
  const sides = await twoSides(repository, { f: LINES.with(28, 'story\n').join(''), n: 'new\n' })

  expect(await rebase(sides)).toEqual({ nothing: true })
  expect(await rebase({ ...sides, keepCommits: true })).toEqual({ nothing: true })
})

test('only the story’s own change moves when main’s history was rewritten', async () => {
  await using repository = await testRepository()
  const first = await repository.commit({ f: 'f\n' })
  const base = await repository.commit({ secret: 'taken back\n' })
  repository.git(['checkout', '--quiet', '-b', 'story'])
  const tip = await repository.commit({ n: 'new\n' })
  repository.git(['checkout', '--quiet', '-B', 'main', first])
  const onto = await repository.commit({ g: 'g\n' })

  const done = await rebase({ repository: await repository.open(), base, tip, onto })

  if (!('commit' in done)) throw new Error('a conflict')
  expect(repository.git(['ls-tree', '--name-only', done.commit]).trim().split('\n')).toEqual(['f', 'g', 'n'])
})
