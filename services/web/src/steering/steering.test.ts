/** A person speaks to who works, holds a story, takes its worktree: over REST, to a run on a real bus. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '@sluice/kit/artifacts.ts'
import { openHearing } from '@sluice/kit/ctl.ts'
import { Refusal } from '@sluice/kit/errors.ts'
import { publishSpent } from '@sluice/kit/spend.ts'
import { pngOf } from '@sluice/kit/testing/messages-image.ts'
import { makeWorktree } from '@sluice/kit/worktree.ts'
import { worktreePlace } from '@sluice/kit/worktree-place.ts'
import { type Artifact, noUsage } from '@sluice/proto/parts.ts'
import type { Commanded } from '@sluice/proto/rest.ts'
import type { Said } from '@sluice/proto/said.ts'
import { expect, test } from 'vitest'
import { buildPaused } from '../testing/sayings.ts'
import { toBuild, type World, webWorld } from '../testing/world.ts'

/** A build is asked for, and somebody listens there as long as they are wanted. */
async function building(world: World, hear: ((said: Said) => Promise<void>) | null) {
  const id = await world.submit()
  const request = await toBuild(world, id)
  const said: Said[] = []
  const listen = async (how: (said: Said) => Promise<void>) => {
    const bus = await world.bus('implementer')
    const hearing = openHearing(bus, { storyId: id, runId: request })
    hearing.listen(async (one) => {
      await how(one)
      said.push(one)
    })
    await bus.nc.flush()
    return hearing
  }
  const ear = hear && (await listen(hear))
  return { id, request, said, listen, ear }
}

const parked = (request: string, why: 'paused' | 'taken' = 'paused') => buildPaused(request, { kind: 'person', why })

const heard = async () => undefined
const steer = (world: World, id: string, json: object, key?: string) =>
  world.ask<Commanded>('POST', `/api/stories/${id}/steer`, {
    json,
    ...(key ? { headers: { 'idempotency-key': key } } : {}),
  })

test('words are recorded, said to who works, and recorded as heard', async () => {
  await using world = await webWorld()
  const { id, request, said } = await building(world, heard)

  const { body } = await steer(world, id, { text: 'Use the old picker.' })

  expect(body).toMatchObject({ heard: true, says: 'implementer has heard it.' })
  expect(said).toMatchObject([{ do: 'steer', id: body.event, text: 'Use the old picker.' }])
  expect((await world.log(id)).slice(-2)).toMatchObject([
    { type: 'run.steered', data: { role: 'implementer', run: request, by: 'person' } },
    { type: 'run.heard', data: { words: body.event, role: 'implementer', request } },
  ])
})

test('two people who type at once are both heard, each once, in the order that is recorded', async () => {
  await using world = await webWorld()
  const { id, said } = await building(world, heard)

  const both = await Promise.all([steer(world, id, { text: 'Use tabs.' }), steer(world, id, { text: 'Use blanks.' })])

  expect(both.map(({ body }) => body.heard)).toEqual([true, true])
  const { words } = await world.story(id)
  expect(said.map((one) => one.do === 'steer' && one.id)).toEqual(words.map((one) => one.id))
  expect(words.every((one) => one.heard)).toBe(true)
})

test('words that nobody heard are kept, said so, and said again until somebody hears them: once', async () => {
  await using world = await webWorld()
  const { id, said, listen } = await building(world, null)

  const { body } = await steer(world, id, { text: 'Use tabs.' }, 'key-1')
  await steer(world, id, { text: 'Use tabs.' }, 'key-1')
  await listen(heard)

  expect(body).toMatchObject({ heard: false, says: expect.stringContaining('It is kept') })
  await expect.poll(async () => (await world.story(id)).words[0]?.heard?.role, { timeout: 10_000 }).toBe('implementer')
  expect(said).toHaveLength(1)
}, 20_000)

test('they are said again after web was started anew', async () => {
  await using world = await webWorld()
  const { id, listen } = await building(world, null)
  await steer(world, id, { text: 'Use tabs.' })
  await world.restart()

  await listen(heard)

  await expect.poll(async () => (await world.story(id)).words[0]?.heard?.role, { timeout: 10_000 }).toBe('implementer')
}, 20_000)

test('an engine that cannot hear now says why, and the words wait', async () => {
  await using world = await webWorld()
  const { id } = await building(world, async () => {
    throw new Refusal('It hands in this moment.', 'Wait.')
  })

  const { body } = await steer(world, id, { text: 'Use tabs.' })

  expect(body).toMatchObject({ heard: false, says: expect.stringMatching(/^It hands in this moment\..*It is kept/) })
})

test.for([
  ['no words', { text: ' ' }, 400, 'There are no words.'],
  ['a role that asks no model', { text: 'x', role: 'checks' }, 400, 'Nobody can be spoken to as checks'],
  ['more than can be carried', { text: 'x'.repeat(20_001) }, 400, 'The body does not fit: text'],
] as const)('%s is refused in a sentence', async ([, json, status, error]) => {
  await using world = await webWorld()
  const id = await world.submit()

  const answer = await steer(world, id, json)

  expect(answer).toMatchObject({ status, body: { error: expect.stringContaining(error) } })
})

test('an interruption reaches who works, and is refused where nobody does', async () => {
  await using world = await webWorld()
  const { id, request, said, ear } = await building(world, heard)
  const interrupt = () => world.ask('POST', `/api/stories/${id}/interrupt`, { json: {} })

  const reached = await interrupt()
  ear?.[Symbol.dispose]()

  expect(reached).toMatchObject({ status: 200, body: { role: 'implementer', request } })
  expect(said).toEqual([{ do: 'interrupt' }])
  expect(await world.ask('POST', `/api/stories/${await world.submit()}/interrupt`, { json: {} })).toMatchObject({
    status: 409,
    body: { error: 'Nobody is at work on this story.' },
  })
})

test('a pause is said to who works until they have parked, and resumed it is over', async () => {
  await using world = await webWorld()
  const { id, request, said } = await building(world, heard)

  const paused = await world.command(id, 'pause', {})
  await expect.poll(() => said.length, { timeout: 10_000 }).toBeGreaterThan(1)
  await world.say(id, parked(request))
  const resumed = await world.command(id, 'resume', {})

  expect(paused.body).toMatchObject({ says: 'implementer parks after what it does now.' })
  expect(said[0]).toEqual({ do: 'pause', why: 'paused' })
  expect(resumed.status).toBe(200)
  expect((await world.story(id)).steps.build).toMatchObject({ at: 'owed', continues: request })
}, 20_000)

test('a held story is not held twice, and what is not held cannot be resumed', async () => {
  await using world = await webWorld()
  const id = await world.submit()

  expect((await world.command(id, 'resume', {})).body).toMatchObject({ error: 'The story is not paused.' })
  await world.command(id, 'pause', {})
  expect((await world.command(id, 'pause', {})).body).toMatchObject({ error: 'The story is paused already.' })
  expect((await world.command(id, 'take', {})).body).toMatchObject({
    error: expect.stringContaining('no worktree yet'),
  })
})

test('a run that does not put its tools down in time is taken from its role', async () => {
  let now = new Date()
  await using world = await webWorld({}, { now: () => now })
  const { id, request } = await building(world, null)
  const before = (await world.story(id)).usage.costUsd
  const call = { id: 'call-1', storyId: id, runId: request, role: 'implementer', model: 'm' }
  await publishSpent(await world.bus('llm-gateway'), { ...call, usage: { ...noUsage, costUsd: 0.5 } })

  await world.command(id, 'stop', {})
  now = new Date(now.getTime() + 20_000)

  await expect
    .poll(async () => (await world.story(id)).steps.build, { timeout: 15_000 })
    .toMatchObject({
      at: 'paused',
      waiting: { kind: 'person', why: 'stopped' },
    })
  const { stopped, usage, usageBy } = await world.story(id)
  expect(stopped).toEqual([{ request, role: 'implementer' }])
  expect([usage.costUsd, usageBy.implementer?.costUsd]).toEqual([before + 0.5, 0.5])
}, 20_000)

test('a person takes a worktree, changes files, and hands it back with what git says of them', async () => {
  await using world = await webWorld()
  const { id, request } = await building(world, heard)
  expect((await world.command(id, 'take', {})).status).toBe(200)
  expect((await world.story(id)).hold).toMatchObject({ why: 'taken', lent: null })
  await world.say(id, parked(request, 'taken'))
  await expect.poll(async () => (await world.story(id)).hold?.lent?.path, { timeout: 10_000 }).toBeTruthy()
  const { path = '' } = (await world.story(id)).hold?.lent ?? {}
  await writeFile(join(path, 'mine.txt'), 'one\ntwo\n')

  const { status } = await world.command(id, 'hand-back', { words: 'The rest is yours.' })

  const story = await world.story(id)
  expect(status).toBe(200)
  expect((await world.log(id)).at(-1)).toMatchObject({
    type: 'worktree.returned',
    data: { files: [{ path: 'mine.txt', additions: 2, deletions: 0 }], words: 'The rest is yours.' },
  })
  expect(story).toMatchObject({ hold: null, steps: { build: { at: 'owed', continues: request } } })
  expect(story.words.at(-1)).toMatchObject({ role: 'implementer', text: expect.stringContaining('mine.txt (+2 −0)') })
  // Nothing of it was touched: not the file, not what git holds ready, not the branch.
  expect(await readFile(join(path, 'mine.txt'), 'utf8')).toBe('one\ntwo\n')
  expect(world.repo.git(['-C', path, 'status', '--porcelain'])).toBe('?? mine.txt\n')
  expect(
    world.repo
      .git(['for-each-ref', '--format=%(refname)', `refs/sluice/${id}/`])
      .match(/lent|returned/g)
      ?.sort(),
  ).toEqual(['lent', 'returned'])
}, 20_000)

test('a worktree that cannot be kept is lent all the same, and taken back once it is mended', async () => {
  await using world = await webWorld()
  const { id, request } = await building(world, heard)
  const path = worktreePlace(join(world.repo.dir, 'data'), { projectId: 'p1', id })
  const repository = await world.repo.open()
  await makeWorktree({ repository, dir: path, branch: `sluice/${id}`, base: 'main' })
  await mkdir(join(path, 'nested', '.git'), { recursive: true })
  await world.command(id, 'take', {})
  await world.say(id, parked(request, 'taken'))
  await expect.poll(async () => (await world.story(id)).hold?.lent?.path, { timeout: 10_000 }).toBeTruthy()

  const refused = await world.command(id, 'hand-back', {})
  await rm(join(path, 'nested'), { recursive: true })
  const taken = await world.command(id, 'hand-back', {})

  expect(refused).toMatchObject({ status: 409, body: { error: expect.stringContaining('git repository of its own') } })
  expect(taken.status).toBe(200)
}, 20_000)

test('who does not have a worktree hands none back, and opens none', async () => {
  await using world = await webWorld()
  const id = await world.submit()

  const back = await world.command(id, 'hand-back', {})
  const opened = await world.ask('POST', `/api/stories/${id}/open`, { json: {} })

  expect([back, opened]).toMatchObject([
    { status: 409, body: { error: 'You do not have the worktree of this story.' } },
    { status: 409, body: { error: 'You do not have the worktree of this story.' } },
  ])
})

test('the person’s own editor is started on their worktree, and nothing where none is configured', async () => {
  await using world = await webWorld()
  const marks = join(world.repo.dir, 'opened')
  world.own.editor = ['/bin/sh', '-c', `echo "$0" > ${marks}`]
  const { id, request } = await building(world, heard)
  await world.command(id, 'take', {})
  await world.say(id, parked(request, 'taken'))
  await expect.poll(async () => (await world.story(id)).hold?.lent?.path, { timeout: 10_000 }).toBeTruthy()

  const opened = await world.ask<{ path: string }>('POST', `/api/stories/${id}/open`, { json: {} })

  expect(opened.status).toBe(200)
  await expect.poll(() => readFile(marks, 'utf8').catch(() => '')).toBe(`${opened.body.path}\n`)
  world.own.editor = undefined
  expect(await world.ask('POST', `/api/stories/${id}/open`, { json: {} })).toMatchObject({ status: 409 })
}, 20_000)

async function put(world: World, bytes: Buffer): Promise<string> {
  const hash = sha256(bytes)
  await world.ask('PUT', `/artifacts/${hash}`, { body: new Uint8Array(bytes) })
  return hash
}

test('what is attached is read by its bytes, named plainly, and no name stands for two', async () => {
  await using world = await webWorld()
  const picture = await put(world, pngOf(640, 480))
  const text = await put(world, Buffer.from('a,b\n1,2\n'))
  const id = await world.submit('Keep drafts.', {
    attachments: [{ sha256: picture, name: 'C:\\me\\..\\board now.png' }],
  })

  await world.command(id, 'attach', { attachments: [{ sha256: text, name: 'board-now.png' }], words: 'Numbers.' })

  const { attachments, words } = await world.story(id)
  expect(attachments.map(({ name, mediaType }: Artifact) => [name, mediaType])).toEqual([
    ['board-now.png', 'image/png'],
    ['board-now-2.png', 'text/plain'],
  ])
  expect(words[0]?.text).toBe('I attached board-now-2.png to the story.\n\nNumbers.')
})

test.for([
  ['a picture larger than a model takes', pngOf(9_000, 10), 413, 'no model takes more than 8000 a side'],
  ['a picture that is cut off', pngOf(10, 10).subarray(0, 12), 400, 'is no picture that can be read'],
  ['an empty file', Buffer.alloc(0), 400, 'is empty'],
] as const)('%s is refused with what to do', async ([, bytes, status, error]) => {
  await using world = await webWorld()
  const id = await world.submit()
  const hash = await put(world, bytes)

  const answer = await world.command(id, 'attach', { attachments: [{ sha256: hash, name: 'x.png' }] })

  expect(answer).toMatchObject({ status, body: { error: expect.stringContaining(error) } })
})
