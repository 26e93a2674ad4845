/** Landing a story: on the commit that was approved, once, and never over a person's work. */
import { patchId, treeOf } from '@sluice/kit/diff.ts'
import { type TestRepository, testRepository } from '@sluice/kit/testing/repository.ts'
import { roleWorld } from '@sluice/kit/testing/role-means.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import type { ReleaseRequested } from '@sluice/proto/events.ts'
import type { Judged, ProjectConfig } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import { releaser } from './releaser.ts'

type Request = EventOf<typeof ReleaseRequested>

test('a rebase keeps the patch, names who approved, and is the same commit when asked twice', async () => {
  await using world = await roleWorld()
  await using repo = await testRepository()
  const approved = await storyOn(repo, { 'b.txt': 'story\n' })
  await repo.commit({ 'c.txt': 'moved on\n' })

  const [once, twice] = [await rebase(repo, approved, world), await rebase(repo, approved, world)]

  expect(once).toEqual(twice)
  expect(once.patchId).toBe(approved.patchId)
  expect(once.base).toBe(repo.git(['rev-parse', 'main']).trim())
  const message = repo.git(['log', '-1', '--format=%B', once.commit])
  expect(message).toContain('Approved-by: person')
  expect(message).toContain('Reviewed-by: checks, security')
  // It is kept until it lands.
  expect(repo.git(['rev-parse', 'refs/sluice/s1/landing']).trim()).toBe(once.commit)
})

test('a conflict is said with its files, and nothing moves', async () => {
  await using world = await roleWorld()
  await using repo = await testRepository()
  const approved = await storyOn(repo, { 'a.txt': 'story\n' })
  const head = await repo.commit({ 'a.txt': 'somebody else\n' })

  const answer = await releaser.answer(asking(repo, { do: 'rebase', approved }), world.means())

  expect(answer).toMatchObject({ data: { result: { kind: 'conflict', onto: head, files: ['a.txt'] } } })
  expect(repo.git(['rev-parse', 'main']).trim()).toBe(head)
})

test('the base moves to exactly the commit that was checked, said before and after', async () => {
  await using world = await roleWorld()
  await using repo = await testRepository()
  const rebased = await rebase(repo, await storyOn(repo, { 'b.txt': 'story\n' }), world)

  const answer = await releaser.answer(asking(repo, { do: 'land', approved: rebased }), world.means())

  expect(answer).toEqual({
    kind: 'completed',
    data: { result: { kind: 'landed', commit: rebased.commit, tree: rebased.tree } },
  })
  expect(repo.git(['rev-parse', 'main']).trim()).toBe(rebased.commit)
  expect(repo.git(['status', '--porcelain'])).toBe('')
  expect(world.said.map(({ type }) => type)).toEqual(['merge.started', 'merge.completed'])
})

test('asked again after it landed, it has landed: no second merge', async () => {
  await using world = await roleWorld()
  await using repo = await testRepository()
  const rebased = await rebase(repo, await storyOn(repo, { 'b.txt': 'story\n' }), world)
  await releaser.answer(asking(repo, { do: 'land', approved: rebased }), world.means())
  const next = await repo.commit({ 'd.txt': 'somebody went on\n' })

  const again = await releaser.answer(asking(repo, { do: 'land', approved: rebased }), world.means())

  expect(again).toMatchObject({ data: { result: { kind: 'landed', commit: rebased.commit } } })
  expect(repo.git(['rev-parse', 'main']).trim()).toBe(next)
})

test('a base that moved meanwhile is not overwritten', async () => {
  await using world = await roleWorld()
  await using repo = await testRepository()
  const rebased = await rebase(repo, await storyOn(repo, { 'b.txt': 'story\n' }), world)
  const moved = await repo.commit({ 'd.txt': 'somebody was faster\n' })

  const answer = await releaser.answer(asking(repo, { do: 'land', approved: rebased }), world.means())

  expect(answer).toMatchObject({ data: { result: { kind: 'moved', base: moved } } })
  expect(repo.git(['rev-parse', 'main']).trim()).toBe(moved)
  expect(world.said.map(({ type }) => type)).not.toContain('merge.completed')
})

test('a releaser whose lease is gone moves nothing', async () => {
  await using world = await roleWorld()
  await using repo = await testRepository()
  const rebased = await rebase(repo, await storyOn(repo, { 'b.txt': 'story\n' }), world)
  const means = world.means()
  means.run.fence = () => Promise.reject(new Error('Another attempt holds the lease.'))

  const landing = releaser.answer(asking(repo, { do: 'land', approved: rebased }), means)

  await expect(landing).rejects.toThrow('Another attempt holds the lease.')
  expect(repo.git(['rev-parse', 'main']).trim()).toBe(rebased.base)
})

test('work in the person’s checkout makes the story wait, untouched, with the files named', async () => {
  await using world = await roleWorld()
  await using repo = await testRepository()
  await repo.commit({ 'mine.txt': 'as committed\n' })
  const rebased = await rebase(repo, await storyOn(repo, { 'b.txt': 'story\n' }), world)
  await repo.write({ 'mine.txt': 'half a thought\n' })

  const landing = releaser.answer(asking(repo, { do: 'land', approved: rebased }), world.means())

  await expect(landing).rejects.toMatchObject({ name: 'Pause', waiting: { kind: 'checkout', files: ['mine.txt'] } })
  expect(repo.git(['status', '--porcelain']).trim()).toBe('M mine.txt')
})

test('the release command runs after the landing, in the jail, on what landed', async () => {
  await using world = await roleWorld()
  await using repo = await testRepository()
  const rebased = await rebase(repo, await storyOn(repo, { 'b.txt': 'story\n' }), world)
  const means = world.means()

  await releaser.answer(
    asking(repo, { do: 'land', approved: rebased, release: 'cat b.txt; test ! -e /etc/shadow.sluice' }),
    means,
  )

  const notes = means.run.entries().map((entry) => entry.data as { type?: string })
  expect(notes.map((note) => note.type)).toEqual(expect.arrayContaining(['release begun', 'release ended']))
})

test('a release command whose end is not known is not run again', async () => {
  await using world = await roleWorld()
  await using repo = await testRepository()
  const rebased = await rebase(repo, await storyOn(repo, { 'b.txt': 'story\n' }), world)
  const begun = { kind: 'note' as const, attempt: 1, at: '2026-01-01T00:00:00Z', data: { type: 'release begun' } }
  const marker = `${repo.dir}/ran`

  const landing = releaser.answer(
    asking(repo, { do: 'land', approved: rebased, release: `touch ${marker}` }),
    world.means({ entries: [begun], attempt: 2 }),
  )

  await expect(landing).rejects.toThrow(/its end is not known/)
  expect(repo.git(['rev-parse', 'main']).trim()).toBe(rebased.commit)
})

// ── the world of these tests ─────────────────────────────────────────────────

const config: ProjectConfig = {
  source: 'nothing',
  digest: '0'.repeat(64),
  setup: null,
  checks: [],
  preview: null,
  release: null,
  documents: false,
  egress: [],
}

/** A story's branch with one change, as an implementer leaves it; the person stays on main. */
async function storyOn(repo: TestRepository, files: Record<string, string>): Promise<Judged> {
  const base = await repo.commit({ 'a.txt': 'base\n' })
  repo.git(['switch', '--quiet', '-c', 'sluice/s1'])
  const commit = await repo.commit(files, 'The story')
  repo.git(['switch', '--quiet', 'main'])
  const repository = await repo.open()
  return { base, commit, tree: await treeOf(repository, commit), patchId: await patchId(repository, base, commit) }
}

async function rebase(
  repo: TestRepository,
  approved: Judged,
  world: Awaited<ReturnType<typeof roleWorld>>,
): Promise<Judged> {
  const answer = await releaser.answer(asking(repo, { do: 'rebase', approved }), world.means())
  if (answer.kind !== 'completed' || answer.data.result.kind !== 'rebased') throw new Error(JSON.stringify(answer))
  return answer.data.result.judged
}

function asking(repo: TestRepository, what: { do: 'rebase' | 'land'; approved: Judged; release?: string }): Request {
  const { approved } = what
  const common = {
    repository: { root: repo.root, base: 'main', commit: approved.base },
    ...{
      title: 'The story',
      text: 'What was asked.',
      budgetUsd: 5,
      deadline: '2030-01-01T00:00:00Z',
      answers: [],
      feedback: [],
    },
    ...{ approved, branch: 'sluice/s1' },
  }
  const trailers = ['Story: s1', 'Approved-by: person', 'Reviewed-by: checks', 'Reviewed-by: security']
  const data =
    what.do === 'rebase'
      ? { ...common, do: 'rebase' as const, trailers }
      : { ...common, do: 'land' as const, config: { ...config, release: what.release ?? null } }
  const envelope = {
    specversion: '1.0' as const,
    id: 'request-00000001',
    source: 'orchestrator',
    time: '2026-01-01T00:00:00Z',
  }
  return {
    ...envelope,
    type: 'release.requested',
    datacontenttype: 'application/json',
    projectId: 'p1',
    storyId: 's1',
    causationId: null,
    data,
  }
}
