/** A story forked at a gate: built beside its parent, compared with it, one of them kept; what was approved is not asked for again. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Event, EventName } from '@sluice/proto/events.ts'
import type { Board, Comparison, Kept, MemoryHit, Submitted } from '@sluice/proto/rest.ts'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Line, openLine } from '../testing/line.ts'
import { ownFiles, storyAbout } from '../testing/tiny-stories.ts'

const stories = { hats: storyAbout('hats', ownFiles('hats')), ties: storyAbout('ties', ownFiles('ties')) }

let line: Line
let parent: string
let child: string
beforeAll(async () => {
  line = await openLine({ stories: Object.values(stories), implementers: 2 })
  parent = await line.submit(stories.hats)
  await line.toGate(parent, 'review')
}, 150_000)
afterAll(() => line[Symbol.asyncDispose](), 30_000)

const of = <T extends EventName>(id: string, type: T) =>
  line.events(id).filter((event): event is Extract<Event, { type: T }> => event.type === type)
const fork = (id: string, body: object, key?: string) =>
  line.ask<Submitted & { error?: string }>('POST', `/api/stories/${id}/fork`, body, key)
const card = async (id: string) => (await line.ask<Board>('GET', '/api/stories')).body.cards.find((c) => c.id === id)

test('at architecture: the parent’s approvals hold, it is built anew on the same base, in its own branch', async () => {
  const asked = { at: 'architecture', title: 'Know hats, otherwise', choice: { effort: 'low' } }
  const { status, body } = await fork(parent, asked, 'one-key')
  expect(status).toBe(201)
  child = body.id

  const gate = await line.gate(child, 'review')

  expect((await fork(parent, asked, 'one-key')).body.id).toBe(child)
  const types = line.events(child).map(({ type }) => type)
  expect(types.slice(0, 3)).toEqual(['story.submitted', 'build.requested', 'build.completed'])
  const [submitted] = of(child, 'story.submitted')
  const approved = of(parent, 'gate.approved').find(({ data }) => data.gate === 'architecture')
  expect(submitted?.data.parent).toEqual({ storyId: parent, eventId: approved?.id })
  expect(submitted?.data.inherits?.approvals.scope?.event).toBe(of(parent, 'gate.approved')[0]?.id)
  const [mine, theirs] = [child, parent].map((id) => of(id, 'build.requested')[0]?.data)
  expect(mine?.approved).toEqual(theirs?.approved)
  expect(mine).toMatchObject({
    branch: `sluice/${child}`,
    repository: theirs?.repository,
    title: 'Know hats, otherwise',
  })
  expect(mine?.choices?.implementer?.effort).toBe('low')
  expect(gate.judged?.base).toBe(line.start)
  expect(await card(child)).toMatchObject({ parent, title: 'Know hats, otherwise' })
}, 120_000)

test('beside each other: what both became, what it took, and what differs', async () => {
  const { body } = await line.ask<Comparison>('GET', `/api/stories/${parent}/compare/${child}`)

  expect(body.one).toMatchObject({ id: parent, stage: 'review', rounds: 1, files: 2, parent: null })
  expect(body.other).toMatchObject({ id: child, stage: 'review', rounds: 1, files: 2, parent })
  expect(body.one.turns).toBeGreaterThan(1)
  expect(body.one.checks).toEqual([{ name: 'test', passed: true }])
  expect(body.one.pictures.length).toBeGreaterThan(0)
  // The same work: only the documents of each lie elsewhere.
  expect(body.files).toEqual([])
  expect(body.patch).toBe('')
})

test('at review: a fork of the fork begins with the commit that was handed in, and is judged anew', async () => {
  const { body } = await fork(child, { at: 'review' })

  const gate = await line.gate(body.id, 'review')

  expect(of(body.id, 'build.requested')).toEqual([])
  expect(gate.judged).toEqual(of(child, 'build.completed')[0]?.data.judged)
  expect(line.git('rev-parse', `sluice/${body.id}`)).toBe(gate.judged?.commit)
  // Sent back, it is built further from there.
  await line.say(body.id, 'reject', { gate: 'review', digest: gate.digest, comment: 'Once more.' })
  const again = await line.when(body.id, () => of(body.id, 'build.completed')[0])
  expect(line.git('merge-base', again.data.judged.commit, gate.judged?.commit ?? '')).toBe(gate.judged?.commit)
}, 120_000)

test('a gate that was not passed is none to fork at', async () => {
  const fresh = await line.submit(stories.ties)
  await line.gate(fresh, 'scope')

  const { status, body } = await fork(fresh, { at: 'scope' })

  expect(status).toBe(409)
  expect(body.error).toBe('The scope of this story is not approved.')
  const alone = await line.ask<{ error: string }>('POST', `/api/stories/${fresh}/keep`, {})
  expect(alone).toMatchObject({ status: 409, body: { error: 'This story has no forks and is none.' } })
}, 60_000)

test('one is kept: its siblings are cancelled with that reason, their branches stay, and memory knows the work once', async () => {
  const { body } = await line.ask<Kept>('POST', `/api/stories/${child}/keep`, { reason: 'It is simpler.' }, 'keep-key')

  expect(body.kept).toBe(child)
  expect(body.cancelled).toHaveLength(2)
  expect(body.cancelled).toContain(parent)
  await line.when(parent, ({ status }) => status === 'cancelled')
  expect(of(parent, 'story.cancelled')[0]?.data.reason).toBe(`${child} was kept instead. It is simpler.`)
  expect(line.git('rev-parse', '--verify', `sluice/${parent}`)).toMatch(/^[0-9a-f]{40}$/)
  expect((await line.ask<Kept>('POST', `/api/stories/${child}/keep`, {}, 'keep-key')).body).toEqual(body)

  await line.ship(child)

  const family = [parent, child, ...body.cancelled]
  const known = await vi.waitUntil(async () => {
    const { body: hits } = await line.ask<MemoryHit[]>('GET', '/api/memory?q=hats')
    const mine = hits.filter(({ storyId }) => family.includes(storyId ?? ''))
    return mine.length > 0 && mine
  })
  expect(known.map(({ storyId }) => storyId)).toEqual([child])
  expect(readdirSync(join(line.repository)).includes('hats.sh')).toBe(true)
}, 120_000)
