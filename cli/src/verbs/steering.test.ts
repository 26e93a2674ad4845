/** Speaking to a story at work from the command line: what is sent, and what is said about it. */
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { sluice } from '../testing/run.ts'
import { until } from '../testing/story.ts'
import { startWeb } from '../testing/web.ts'

const [tree, commit] = ['b'.repeat(40), 'a'.repeat(40)]

/** The story with more that web said. */
function after(log: readonly Event[], ...said: { type: string; data: object }[]): Event[] {
  const [first] = log as [Event]
  const more = said.map(({ type, data }, i) => ({
    ...first,
    type,
    source: 'web',
    id: `hand-${type}-${i}`,
    causationId: null,
    data,
  }))
  return [...log, ...(more as unknown as Event[])]
}
const by = 'person'
const building = () => until('build.requested')
const taken = () => after(building(), { type: 'story.taken', data: { by } })
const lentTo = (path: string) =>
  after(taken(), { type: 'worktree.lent', data: { path, branch: 'sluice/s1', commit, tree } })

async function tempDir() {
  const dir = await mkdtemp(join(tmpdir(), 'slc-cli-'))
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}

test.for([
  [['steer', 's1', 'Use', 'tabs.', '--to', 'implementer'], 'steer', { text: 'Use tabs.', role: 'implementer' }],
  [['steer', 's1', '-'], 'steer', { text: 'Use tabs.' }],
  [['pause', 's1', '--reason', 'Lunch.'], 'pause', { reason: 'Lunch.' }],
  [['resume', 's1'], 'resume', {}],
  [['stop', 's1'], 'stop', {}],
  [['interrupt', 's1', '--to', 'implementer'], 'interrupt', { role: 'implementer' }],
] as const)('%j is sent as it is meant', async ([args, verb, body]) => {
  await using web = await startWeb(new Map([['s1', building()]]))

  const { code, stderr } = await sluice(['story', ...args], { data: web.data, stdin: 'Use tabs.\n' })

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(web.told).toMatchObject([{ path: `/api/stories/s1/${verb}`, body }])
})

test('--interrupt ends first what is going on, and then says it', async () => {
  await using web = await startWeb(new Map([['s1', building()]]))

  await sluice(['story', 'steer', 's1', 'No.', '--interrupt'], { data: web.data })

  expect(web.told.map(({ path }) => path.split('/').at(-1))).toEqual(['interrupt', 'steer'])
})

test('pause --all pauses each that runs, and none that is held already', async () => {
  const held = after(building(), { type: 'story.paused', data: { by } })
  const named = (log: Event[], id: string) => log.map((event) => ({ ...event, storyId: id }))
  await using web = await startWeb(
    new Map([
      ['s1', building()],
      ['s2', named(held, 's2')],
      ['s3', named(building(), 's3')],
    ]),
  )

  const paused = await sluice(['story', 'pause', '--all'], { data: web.data })
  const resumed = await sluice(['story', 'resume', '--all'], { data: web.data })

  expect(web.told.map(({ path }) => path)).toEqual([
    '/api/stories/s1/pause',
    '/api/stories/s3/pause',
    '/api/stories/s2/resume',
  ])
  expect([paused.stdout, resumed.stdout]).toEqual(['2 of 2 stories: paused.\n', '1 of 1 story: resumed.\n'])
})

test('take waits until the worktree is the person’s, and opens it in their editor', async () => {
  await using place = await tempDir()
  await using web = await startWeb(new Map([['s1', building()]]))
  const editor = join(place.dir, 'editor')
  await writeFile(editor, `#!/bin/sh\necho "$1" > ${place.dir}/opened\n`, { mode: 0o755 })
  const taking = sluice(['story', 'take', 's1', '--open'], { data: web.data, env: { SLUICE_EDITOR: editor } })
  await expect.poll(() => web.told.length).toBe(1)
  web.stories.set('s1', taken())
  web.stories.set('s1', lentTo(place.dir))

  const { code, stdout } = await taking

  expect(code).toBe(0)
  expect(stdout).toContain(place.dir)
  expect(await readFile(join(place.dir, 'opened'), 'utf8')).toBe(`${place.dir}\n`)
})

test('a worktree that is the person’s already is not taken again', async () => {
  await using web = await startWeb(new Map([['s1', lentTo('/wt/s1')]]))

  const { stdout } = await sluice(['story', 'take', 's1', '--json'], { data: web.data })

  expect(JSON.parse(stdout)).toEqual({ id: 's1', path: '/wt/s1' })
  expect(web.told).toEqual([])
})

test('hand-back says what the person changed, as git has it', async () => {
  const files = [{ path: 'src/app.ts', additions: 3, deletions: 1 }]
  const returned = { type: 'worktree.returned', data: { commit, tree, files, by } }
  const log = after(lentTo('/wt/s1'), returned).map((event) =>
    event.type === 'worktree.returned' ? { ...event, id: 'an-event-id' } : event,
  )
  await using web = await startWeb(new Map([['s1', log]]))

  const { stdout } = await sluice(['story', 'hand-back', 's1', '-m', 'Yours.', '--done'], { data: web.data })

  expect(web.told).toMatchObject([{ path: '/api/stories/s1/hand-back', body: { words: 'Yours.', done: true } }])
  expect(stdout).toContain('You changed src/app.ts. It is handed in as the build')
})

test('files are put by their content and attached by their name', async () => {
  await using place = await tempDir()
  await using web = await startWeb(new Map([['s1', building()]]))
  const [file, sha256] = [join(place.dir, 'board.txt'), createHash('sha256').update('a board').digest('hex')]
  await writeFile(file, 'a board')

  const attached = await sluice(['story', 'attach', 's1', file, '-m', 'So.'], { data: web.data })
  await sluice(['story', 'new', 'Keep drafts.', '--attach', file], { data: web.data })

  expect(attached.stdout).toContain('1 file is attached to s1.')
  expect([...web.artifacts]).toEqual([[sha256, 'a board']])
  expect(web.told.map(({ body }) => body)).toEqual([
    { attachments: [{ sha256, name: 'board.txt' }], words: 'So.' },
    { text: 'Keep drafts.', attachments: [{ sha256, name: 'board.txt' }] },
  ])
})

test.for([
  [['steer', 's1'], 2, 'WORDS is missing'],
  [['steer', 's1', ' '], 2, 'There are no words'],
  [['pause'], 2, 'ID is missing'],
  [['pause', 's1', '--all'], 2, 'Either a story or --all'],
  [['attach', 's1'], 2, 'FILE is missing'],
  [['attach', 's1', '/no/such'], 1, 'There is no file /no/such.'],
  [['steer', 'nobody', 'x'], 1, 'There is no story nobody.'],
] as const)('%j is refused in a sentence, and nothing is sent', async ([args, code, sentence]) => {
  await using web = await startWeb(new Map([['s1', building()]]))

  const ran = await sluice(['story', ...args], { data: web.data })

  expect(ran).toMatchObject({ code, stderr: expect.stringContaining(sentence) })
  expect(web.told).toEqual([])
})
