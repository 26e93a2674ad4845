/** The stories hold together: their edits fit the app, land in every order, and hold the fault they say. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { applyEdits } from './edits.ts'
import { makeDemoRepository } from './repository.ts'
import { type DemoStory, readStories } from './stories.ts'
import { inspectHunks } from './vulnerabilities.ts'

const STORIES = readStories()
const byId = (id: string): DemoStory => {
  const story = STORIES.find((one) => one.id.startsWith(id))
  if (!story) throw new Error(`There is no story ${id}.`)
  return story
}

let world: Awaited<ReturnType<typeof branches>>
beforeAll(async () => {
  world = await branches(mkdtempSync(join(tmpdir(), 'demo-stories-')))
})
afterAll(() => rmSync(world.dir, { recursive: true }))

/** The demo's repository with a branch for each story, all from the same base. */
async function branches(dir: string) {
  await makeDemoRepository(dir)
  const git = (...args: string[]) => execFileSync('git', args, { cwd: dir, encoding: 'utf8' })
  const patchId = (range: string) =>
    execFileSync('git', ['patch-id', '--stable'], { cwd: dir, encoding: 'utf8', input: git('diff', range) }).split(
      ' ',
    )[0]
  const commit = (message: string) => git('add', '--all') + git('commit', '--quiet', '--message', message)
  for (const { id, solution, fix = [] } of STORIES) {
    git('checkout', '--quiet', '-b', id, 'main')
    for (const { name, edits } of solution) {
      applyEdits(dir, edits)
      commit(name)
    }
    git('tag', `${id}-first`)
    applyEdits(dir, fix)
    if (fix.length > 0) commit('fix')
  }
  const filesOf = (rev: string) =>
    git('diff', '--name-only', 'main', rev)
      .trim()
      .split('\n')
      .map((path) => {
        const show = (at: string) => git('show', `${at}:${path}`)
        const isNew = git('ls-tree', 'main', path) === ''
        return { path, head: show(rev), ...(!isNew && { base: show('main') }) }
      })
  return { dir, git, patchId, filesOf }
}

test('every criterion has a task, and every region stands in the mockup and names criteria that exist', () => {
  for (const { requirements, mockup, design, tasks } of STORIES) {
    const ids = requirements.criteria.map(({ id }) => id)
    const marked = new Set([...mockup.matchAll(/data-region="([\w-]+)"/g)].map((match) => match[1]))
    expect([...marked].sort()).toEqual(design.regions.map(({ id }) => id).sort())
    expect(ids).toEqual(expect.arrayContaining(design.regions.flatMap(({ criteria }) => criteria)))
    for (const id of ids) expect(tasks.flatMap(({ criteria }) => criteria)).toContain(id)
  }
})

test('a mockup brings all it needs: no script, nothing from elsewhere', () => {
  for (const { mockup } of STORIES) expect(mockup).not.toMatch(/<script|src=|@import|url\(|https?:/)
})

test('the stories land in every order, keep their patch, and leave the same tree', () => {
  const { git, patchId } = world
  const orders = permutations(STORIES.map(({ id }) => id))

  const trees = orders.map((order) => {
    git('checkout', '--quiet', '--detach', 'main')
    for (const id of order) {
      const before = git('rev-parse', 'HEAD').trim()
      git('checkout', '--quiet', '--detach', id)
      git('rebase', '--quiet', '--onto', before, 'main')
      expect(patchId(`${before}..HEAD`)).toBe(patchId(`main..${id}`))
    }
    return git('rev-parse', 'HEAD^{tree}')
  })

  expect(orders).toHaveLength(6)
  expect(new Set(trees).size).toBe(1)
})

test('the second and third story change the same file', () => {
  const { filesOf } = world
  const changed = (id: string) => filesOf(byId(id).id).flatMap(({ path, base }) => (base === undefined ? [] : [path]))

  expect(changed('2').filter((path) => changed('3').includes(path))).toEqual(['public/board.css', 'src/board.ts'])
})

test('the edits of each story also fit when the others have landed', () => {
  const { dir, git } = world
  for (const story of STORIES) {
    git('checkout', '--quiet', '--detach', 'main')
    for (const other of STORIES.filter((one) => one !== story))
      git('-c', 'user.name=t', 'cherry-pick', `main..${other.id}`)

    for (const { edits } of story.solution) applyEdits(dir, edits)
    applyEdits(dir, story.fix ?? [])

    expect(git('status', '--porcelain')).not.toBe('')
    git('reset', '--quiet', '--hard')
    git('clean', '--quiet', '-fd')
  }
})

test('the first story is typed with one known fault, and its fix leaves none', () => {
  const { git, filesOf } = world
  const { id } = byId('1')

  const first = inspectHunks(git('diff', 'main', `${id}-first`), filesOf(`${id}-first`))
  const fixed = inspectHunks(git('diff', 'main', id), filesOf(id))

  expect(first).toMatchObject([
    {
      cwe: 'CWE-79',
      path: 'src/search.ts',
      evidence: expect.stringContaining("raw(text.replace(words, '<mark>$&</mark>'))"),
    },
  ])
  expect(fixed).toEqual([])
})

test.each(['2', '3'])('story %s is typed without a known fault', (number) => {
  const { git, filesOf } = world
  const { id } = byId(number)

  expect(inspectHunks(git('diff', 'main', id), filesOf(id))).toEqual([])
})

test('the app itself holds no known fault', () => {
  const { dir, git } = world
  git('checkout', '--quiet', 'main')
  const empty = git('hash-object', '-t', 'tree', '/dev/null').trim()
  const files = git('ls-files', 'src', 'public')
    .trim()
    .split('\n')
    .map((path) => ({ path, head: readFileSync(join(dir, path), 'utf8') }))

  expect(inspectHunks(git('diff', empty, 'main', '--', 'src', 'public'), files)).toEqual([])
})

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]))
}
