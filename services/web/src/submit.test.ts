/** A story is submitted with all that judges it, or refused in a sentence. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Trace } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { storyIdFor, titleIn } from './submit.ts'
import { cancelledStory } from './testing/sayings.ts'
import { webWorld } from './testing/world.ts'

const post = (world: Awaited<ReturnType<typeof webWorld>>, json: unknown, key?: string) =>
  world.ask<{ id: string }>('POST', '/api/stories', { json, ...(key ? { headers: { 'idempotency-key': key } } : {}) })

test('a story names the commit it starts from, what judges it, its policy and its budget', async () => {
  await using world = await webWorld()
  const head = world.repo.git(['rev-parse', 'main']).trim()

  const { status, body } = await post(world, { text: 'People lose their drafts. Keep them.' })

  expect(status).toBe(201)
  const [submitted] = await world.log(body.id)
  expect(submitted).toMatchObject({
    ...{ type: 'story.submitted', source: 'web', projectId: 'p1', storyId: body.id },
    data: {
      title: 'People lose their drafts.',
      repository: { root: world.repo.root, base: 'main', commit: head },
      config: { source: 'package.json', checks: [{ name: 'test', command: 'npm test' }] },
      policy: {
        path: expect.arrayContaining(['scope', 'release']),
        seats: ['checks', 'security', 'refactor', 'generic'],
      },
      budgetUsd: 7,
    },
  })
  expect(submitted?.data).not.toHaveProperty('auto')
})

test('title, budget and auto are as the person says', async () => {
  await using world = await webWorld()

  const id = await world.submit('Keep drafts.', { title: ' Keep\n drafts ', budgetUsd: 2, auto: true })

  expect((await world.story(id)).submitted).toMatchObject({ title: 'Keep drafts', budgetUsd: 2, auto: true })
})

test('the same key again is the same story, also after web was started anew; without one it is another', async () => {
  await using world = await webWorld()
  const text = 'Keep drafts.'
  const first = await post(world, { text }, 'key-1')
  await world.restart()

  const [again, other, another] = [
    await post(world, { text }, 'key-1'),
    await post(world, { text: 'Something else.' }, 'key-1'),
    await post(world, { text }),
  ]

  expect(again).toMatchObject({ status: 201, body: first.body })
  expect(other.status).toBe(409)
  expect(another.body.id).not.toBe(first.body.id)
  expect(await world.log(first.body.id)).toHaveLength(1)
})

test('bad input is refused in a sentence with the mend', async () => {
  await using world = await webWorld()
  const bad = [
    { json: { text: '' }, status: 400, error: 'The story is empty.' },
    { json: { text: ' \n ' }, status: 400, error: 'The story is empty.' },
    { json: {}, status: 400, error: /text/ },
    { json: { text: 'é'.repeat(32 * 1024 + 1) }, status: 413, error: 'The story is longer than 64 kB.' },
    { json: { text: 'x'.repeat(600_000) }, status: 413, error: 'The body is too long.' },
    { json: { text: 'a\0b' }, status: 400, error: /NUL/ },
    { json: { text: 'a', title: ' ' }, status: 400, error: /title/ },
    { json: { text: 'a', title: 'x'.repeat(121) }, status: 400, error: /title/ },
    { json: { text: 'a', budgetUsd: 0 }, status: 400, error: /budgetUsd/ },
    { json: { text: 'a', repository: '/etc' }, status: 400, error: /repository/ },
  ]

  for (const { json, status, error } of bad) {
    const reply = await post(world, json)
    expect
      .soft({ status: reply.status, error: reply.body.error })
      .toEqual({ status, error: expect.stringMatching(error) })
    expect.soft(reply.body.mend).toMatch(/\.$/)
  }

  expect((await post(world, { text: 'x'.repeat(64 * 1024) })).status).toBe(201)
  expect((await post(world, { text: 'a' }, 'kéy')).status).toBe(400)
})

test.for([
  [
    'git knows nobody',
    'git does not know who you are.',
    async (git: Git) => void git(['config', '--unset', 'user.email']),
  ],
  ['the base branch is gone', 'There is no branch main.', async (git: Git) => void git(['branch', '-m', 'trunk'])],
  [
    'the repository is gone',
    /is not a git repository\.$/,
    (_: Git, root: string) => rm(join(root, '.git'), { recursive: true }),
  ],
] as const)('where %s nothing is begun', async ([, error, spoil]) => {
  await using world = await webWorld()
  await spoil(world.repo.git, world.repo.root)

  const { status, body } = await post(world, { text: 'Keep drafts.' })

  expect({ status, error: body.error }).toEqual({ status: 409, error: expect.stringMatching(error) })
  expect(body.mend).not.toBe('')
})

type Git = (args: string[]) => string

test('a sluice.yaml that cannot be used is said at submission; work in the checkout is no obstacle', async () => {
  await using world = await webWorld()
  await world.repo.write({ 'sluice.yaml': 'nonsense: true' })
  const dirty = await post(world, { text: 'Keep drafts.' })
  await world.repo.commit({ 'sluice.yaml': 'nonsense: true' })

  const broken = await post(world, { text: 'Keep drafts.' })

  expect([dirty.status, broken.status]).toEqual([201, 409])
  expect(broken.body.error).toContain('sluice.yaml')
})

const demo = {
  demoStories: [
    { title: 'Search notes', text: 'People cannot find\nan old note.' },
    { title: 'Counts', text: 'Count.' },
  ],
}

test('the demo plays its own stories and no others, each once, again when it was cancelled', async () => {
  await using world = await webWorld(demo)
  const text = 'People cannot find an old note. '
  const foreign = await post(world, { text: 'A story of mine.' })
  const both = await Promise.all([post(world, { text }), post(world, { text })])
  const [first] = both.filter(({ status }) => status === 201)
  await world.say(first?.body.id ?? '', cancelledStory)

  const again = await post(world, { text })

  expect(foreign).toMatchObject({ status: 400, body: { error: expect.stringContaining('the demo') } })
  expect(foreign.body.mend).toContain('npm start -- --repo PATH')
  expect(both.map(({ status }) => status).sort()).toEqual([201, 409])
  expect(again.status).toBe(201)
  expect((await world.story(again.body.id)).submitted.title).toBe('Search notes')
})

test.for([
  ['Keep drafts. And more.', 'Keep drafts.'],
  ['\n# Keep drafts\n\nLong text', 'Keep drafts'],
  ['v1.2 breaks', 'v1.2 breaks'],
  ['---\nWas ist?\n', 'Was ist?'],
  ['x'.repeat(100), `${'x'.repeat(79)}…`],
  ['!!!', '!!!'],
] as const)('the title of %j is %j', ([text, title]) => {
  expect(titleIn(text)).toBe(title)
})

test('an id is readable, fit for a branch, and one for each key', () => {
  const ids = [storyIdFor('Für Ängstliche: drafts/../x.lock!', 'k'), storyIdFor('草稿', 'k'), storyIdFor('草稿', 'l')]

  expect(ids.map((id) => id.replace(/-[0-9a-f]{10}$/, ''))).toEqual(['fur-angstliche-drafts-x-lock', 'story', 'story'])
  expect(new Set(ids).size).toBe(3)
})

type OtlpRequest = { resourceSpans: { scopeSpans: { spans: { name: string; links: object[] }[] }[] }[] }

test('the trace of whoever submits is linked to the story’s; a header that is none is passed over', async () => {
  await using world = await webWorld()
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  const post = async (header: string, text: string) =>
    (await world.ask<{ id: string }>('POST', '/api/stories', { json: { text }, headers: { traceparent: header } })).body
      .id

  const [linked, alone] = [await post(traceparent, 'One.'), await post('00-0-0-00', 'Two.')]

  const trace = async (id: string) => (await world.ask<Trace>('GET', `/api/stories/${id}/trace`)).body
  expect([(await trace(linked)).caller, (await trace(alone)).caller]).toEqual([traceparent, undefined])
  const { body } = await world.ask<OtlpRequest>('GET', `/api/stories/${linked}/trace?as=otlp`)
  const story = body.resourceSpans[0]?.scopeSpans[0]?.spans.find(({ name }) => name === 'story')
  expect(story?.links).toMatchObject([{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }])
})

test('what a story works with is recorded role by role: for all of them, and for one what it has of its own', async () => {
  await using world = await webWorld()
  const choice = { model: 'claude-sonnet-5-5' }

  const id = await world.submit('Keep drafts.', { choice, choices: { implementer: { effort: 'max' } } })

  const { choices } = (await world.story(id)).submitted
  expect(choices?.implementer).toEqual({ model: 'claude-sonnet-5-5', effort: 'max' })
  expect(Object.keys(choices ?? {}).sort()).toEqual(
    ['analyst', 'architect', 'designer', 'generic', 'implementer', 'refactor', 'security'].sort(),
  )
  expect(choices?.security).toEqual(choice)
})

test.for([
  [{ choice: { engine: 'cobol' } }, 'There is no engine cobol.', 'There are: anthropic'],
  [{ choice: { model: 'gpt-9' } }, 'The model gpt-9 cannot be chosen.', 'claude-opus-5-5'],
  [
    { choices: { checks: { model: 'claude-opus-5-5' } } },
    'No checks asks a model here.',
    'There are: analyst, designer',
  ],
  [{ choice: { effort: 'utmost' } }, 'The body does not fit: choice.effort', 'choices'],
] as const)('%j is refused with what there is', async ([json, error, mend]) => {
  await using world = await webWorld()

  const { status, body } = await post(world, { text: 'Keep drafts.', ...json })

  expect({ status, ...body }).toMatchObject({
    status: 400,
    error: expect.stringContaining(error),
    mend: expect.stringContaining(mend),
  })
})

test('a model may be chosen whose price the person has named', async () => {
  await using world = await webWorld({ priced: ['house-model'] })

  const id = await world.submit('Keep drafts.', { choices: { analyst: { model: 'house-model' } } })

  expect((await world.story(id)).submitted.choices).toEqual({ analyst: { model: 'house-model' } })
})

test.each([
  ['a share of the budget', { soft: 0.8 }, {}, { softUsd: 5.6 }],
  ['dollars of the person’s own', { soft: 6 }, {}, { softUsd: 6 }],
  ['the story’s own line first', { soft: 6 }, { limits: { softUsd: 2 } }, { softUsd: 2 }],
  ['none past the budget', { soft: 6 }, { budgetUsd: 5 }, undefined],
  [
    'other lines too',
    { soft: 1, limits: { dayUsd: 40 } },
    { limits: { roles: { analyst: 1 } } },
    { dayUsd: 40, roles: { analyst: 1 } },
  ],
] as const)('a story is submitted with its lines: %s', async (_, own, asked, lines) => {
  await using world = await webWorld(own)

  const { submitted } = await world.story(await world.submit('Keep drafts.', asked))

  expect(submitted.limits).toEqual(lines)
})
