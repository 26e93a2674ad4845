/** A branch as memory reads it: changes of the main line, whatever made them. */
import { expect, test } from 'vitest'
import { pastOf } from './history.ts'
import { testRepository } from './testing/repository.ts'

test('every change comes oldest first, with its message and its files, whatever they are called', async () => {
  await using repo = await testRepository()
  await repo.commit({ 'a.ts': '1' }, 'Begin\n\nWith one file.')
  const tip = await repo.commit({ 'a.ts': '2', 'odd "name"\n:x': '1' }, 'Go on')

  const past = await pastOf(await repo.open(), { tip, most: 10 })

  expect(past).toMatchObject([
    { title: 'Begin', body: 'With one file.', files: ['a.ts'], at: '2020-01-01T10:00:00.000Z', byRobot: false },
    { title: 'Go on', body: '', files: ['a.ts', 'odd "name"\n:x'], commit: tip, commits: [tip], reverts: [] },
  ])
})

test('a merge is one change, told by what it brought in', async () => {
  await using repo = await testRepository()
  await repo.commit({ a: '1' }, 'Begin')
  repo.git(['switch', '--quiet', '-c', 'drafts'])
  const kept = await repo.commit({ 'drafts.ts': '1' }, 'Keep drafts')
  const shown = await repo.commit({ 'page.ts': '1' }, 'Show drafts')
  repo.git(['switch', '--quiet', 'main'])
  await repo.commit({ b: '1' }, 'Beside it')
  repo.git(['merge', '--quiet', '--no-ff', '-m', "Merge branch 'drafts'", 'drafts'])
  const tip = repo.git(['rev-parse', 'HEAD']).trim()

  const past = await pastOf(await repo.open(), { tip, most: 10 })

  expect(past.map(({ title }) => title)).toEqual(['Begin', 'Beside it', 'Keep drafts'])
  expect(past.at(-1)?.files).toEqual(['drafts.ts', 'page.ts'])
  expect(past.at(-1)?.commits.toSorted()).toEqual([tip, kept, shown].toSorted())
})

test('of what was read before nothing comes again; another history comes whole', async () => {
  await using repo = await testRepository()
  const first = await repo.commit({ a: '1' }, 'One')
  const tip = await repo.commit({ a: '2' }, 'Two')
  const repository = await repo.open()

  const after = await pastOf(repository, { tip, after: first, most: 10 })
  const elsewhere = await pastOf(repository, { tip, after: 'f'.repeat(40), most: 10 })
  const newest = await pastOf(repository, { tip, most: 1 })

  expect([after, elsewhere, newest].map((past) => past.map(({ title }) => title))).toEqual([
    ['Two'],
    ['One', 'Two'],
    ['Two'],
  ])
})

test('a revert names what it takes back, and a robot is known as one', async () => {
  await using repo = await testRepository()
  const taken = await repo.commit({ a: '1' }, 'Keep drafts')
  repo.git(['revert', '--no-edit', 'HEAD'])
  repo.git(['config', 'user.name', 'renovate[bot]'])
  const tip = await repo.commit({ b: '1' }, 'Move versions')

  const past = await pastOf(await repo.open(), { tip, most: 10 })

  expect(past.map(({ reverts, byRobot }) => [reverts, byRobot])).toEqual([
    [[], false],
    [[taken], false],
    [[], true],
  ])
})
