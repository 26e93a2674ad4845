/** Stories from the command line: what is shown, what is sent, what is refused. */
import type { Event } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { sluice } from '../testing/run.ts'
import { next, until, wholeStory } from '../testing/story.ts'
import { folded, startWeb } from '../testing/web.ts'

const withStory = (events: Event[], id = 's1') => startWeb(new Map([[id, events.map((e) => ({ ...e, storyId: id }))]]))

test('list shows stage, title and who is waited for, in columns', async () => {
  await using web = await withStory(until('gate.opened'))

  const { code, stdout } = await sluice(['story', 'list'], { data: web.data })

  expect(code).toBe(0)
  expect(stdout.split('\n')).toEqual([
    'ID  STAGE  ROUND  TOKENS   COST  TITLE  NOW',
    's1  scope              0  $0.00  t      you: Approve scope or send it back.',
    '',
  ])
})

test('list of nothing says how to begin', async () => {
  await using web = await startWeb()

  expect((await sluice(['story', 'list'], { data: web.data })).stdout).toContain('sluice story new')
})

test('list --json is one document with every card', async () => {
  await using web = await withStory(wholeStory())

  const { stdout } = await sluice(['story', 'list', '--json'], { data: web.data })

  expect(JSON.parse(stdout)).toMatchObject({ stories: [{ id: 's1', status: 'shipped', round: 2 }] })
})

test('show says stage, gate with its digest, criteria, documents and what to type next', async () => {
  await using web = await withStory(until('gate.opened'))
  const { gate } = folded(until('gate.opened'))

  const { stdout } = await sluice(['story', 'show', 's1'], { data: web.data })

  expect(stdout).toContain(`digest ${gate?.digest}`)
  expect(stdout).toContain('Waits for you  Approve scope or send it back.')
  expect(stdout).toMatch(/Criteria\n {2}C1 {2}x\n/)
  expect(stdout).toContain(`x.md  ${web.origin}/artifacts/${'1'.repeat(64)}`)
  expect(stdout).toContain('sluice story approve s1')
})

test('show holds the list of the agent that is at work, as it stands', async () => {
  await using web = await withStory(until('build.requested'))
  const at = '2026-01-01T00:00:00.000Z'
  const noted = (text: string, state: 'doing' | 'done') => ({
    ...{ at, attempt: 1, kind: 'todo', text: '' },
    todo: [{ text, state }],
  })
  const run = { runId: 'r1-00000', source: 'implementer', attempts: 1, started: at, occupant: null }
  web.answers.runs = [{ ...run, notes: [noted('Keep drafts', 'doing'), noted('Keep drafts', 'done')] }]

  const { stdout } = await sluice(['story', 'show', 's1'], { data: web.data })

  expect(stdout).toMatch(/The agent’s list\n {2}✓ Keep drafts\n/)
  expect(stdout).not.toContain('▸')
})

test('show at a gate holds the document that is decided about, whole', async () => {
  await using web = await withStory(until('gate.opened'))
  web.artifacts.set('1'.repeat(64), '# Scope\n\n## Assumptions\n\n- One name\n')

  const { stdout } = await sluice(['story', 'show', 's1'], { data: web.data })

  expect(stdout).toContain('## Assumptions\n\n- One name\n')
  expect(stdout).not.toContain('Criteria\n')
})

test('show tells a finding that stands in the way from one that is resolved', async () => {
  await using open = await withStory(until('review.completed', 2))
  await using mended = await withStory(until('review.completed', 8))

  const [now, later] = await Promise.all([open, mended].map(({ data }) => sluice(['story', 'show', 's1'], { data })))

  expect(now?.stdout).toContain('blocks high security\n    bad')
  expect(later?.stdout).not.toContain('blocks high security')
})

test('show --json holds the fold, the waits and the next commands', async () => {
  await using web = await withStory(until('gate.opened'))

  const { stdout } = await sluice(['story', 'show', 's1', '--json'], { data: web.data })

  expect(JSON.parse(stdout)).toMatchObject({
    ...{ id: 's1', stage: 'scope', gate: { gate: 'scope' } },
    ...{ waits: [{ kind: 'gate', person: true }], documents: [{ stage: 'scope' }] },
    next: ['sluice story approve s1', 'sluice story reject s1 --comment "what to change"'],
  })
})

test('what an agent wrote cannot move the cursor or colour the screen', async () => {
  const [submitted, ...rest] = until('scope.requested')
  const hostile = { ...submitted, data: { ...submitted?.data, title: 'a\u001b[2J\u001b]0;x\u0007b\u202ec' } } as Event
  await using web = await withStory([hostile, ...rest])

  const { stdout } = await sluice(['story', 'list'], { data: web.data })

  expect(stdout).toContain('abc')
  expect(['\u001b', '\u0007', '\u202e'].filter((mark) => stdout.includes(mark))).toEqual([])
})

test('an id may be given by its beginning, when only one begins so', async () => {
  await using web = await startWeb(
    new Map(['abc-1', 'abd-2'].map((id) => [id, wholeStory().map((event) => ({ ...event, storyId: id }))])),
  )

  const [one, both, none] = await Promise.all(
    ['abc', 'ab', 'x'].map((id) => sluice(['story', 'show', id, '--json'], { data: web.data })),
  )

  expect(JSON.parse(one?.stdout ?? '')).toMatchObject({ id: 'abc-1' })
  expect(both).toMatchObject({
    code: 1,
    stderr: 'sluice: 2 stories begin with ab: abc-1, abd-2. Type more of the id.\n',
  })
  expect(none).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'sluice: There is no story x. `sluice story list` shows those there are.\n',
  })
})

test('approve shows the document and sends the digest of the gate it read', async () => {
  const events = until('gate.opened')
  await using web = await withStory(events)
  web.artifacts.set('1'.repeat(64), '# What is wanted\n\nA thing.')

  const { code, stdout } = await sluice(['story', 'approve', 's1', '--comment', 'good'], { data: web.data })

  expect(code).toBe(0)
  expect(stdout).toContain('# What is wanted\n\nA thing.')
  expect(web.told).toMatchObject([
    {
      path: '/api/stories/s1/approve',
      body: { gate: 'scope', digest: folded(events).gate?.digest, comment: 'good' },
      key: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  ])
})

test.for([
  ['another digest than the one on the table', ['--digest', 'ffff'], 'What is on the table is no longer what you read'],
  ['another gate than the open one', ['--gate', 'design'], 'The open gate of story s1 is scope, not design.'],
] as const)('approve refuses %s, and sends nothing', async ([, more, sentence]) => {
  await using web = await withStory(until('gate.opened'))

  const { code, stderr } = await sluice(['story', 'approve', 's1', ...more], { data: web.data })

  expect(code).toBe(1)
  expect(stderr).toContain(sentence)
  expect(web.told).toEqual([])
})

test('approve over a blocking finding needs a reason', async () => {
  const reviewed = until('review.completed', 4)
  const digest = 'c'.repeat(64)
  const open = next(reviewed, { type: 'gate.opened', source: 'orchestrator', data: { gate: 'review', digest } })
  await using web = await withStory([...reviewed, open])

  const refused = await sluice(['story', 'approve', 's1'], { data: web.data })
  const said = await sluice(['story', 'approve', 's1', '--dismiss', 'a test file'], { data: web.data })

  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('1 finding stands in the way, the first: bad'),
  })
  expect(said.code).toBe(0)
  expect(web.told).toMatchObject([{ body: { gate: 'review', digest, dismiss: 'a test file' } }])
})

test('a decision that came too late says what is on the table now', async () => {
  await using web = await withStory(until('gate.opened'))
  const current = { gate: 'scope', digest: 'd'.repeat(64) }
  web.answers.refuse = { status: 409, problem: { error: 'The gate has changed.', mend: 'Read it again.', current } }

  const { code, stderr } = await sluice(['story', 'approve', 's1'], { data: web.data })

  expect(code).toBe(1)
  expect(stderr).toBe(
    'sluice: The gate has changed. Read it again. On the table now: scope with digest dddddddddddd.\n',
  )
})

test('reject sends the comment, and is refused without one', async () => {
  await using web = await withStory(until('gate.opened'))

  const bare = await sluice(['story', 'reject', 's1'], { data: web.data })
  await sluice(['story', 'reject', 's1', '--comment', 'smaller'], { data: web.data })

  expect(bare).toMatchObject({ code: 2, stderr: expect.stringContaining('--comment is missing') })
  expect(web.told).toMatchObject([{ path: '/api/stories/s1/reject', body: { gate: 'scope', comment: 'smaller' } }])
})

test.for([
  [['budget', 's1', '$7.50'], 'budget', { budgetUsd: 7.5 }],
  [['budget', 's1', '--go-on'], 'budget', { goOn: true }],
  [
    [
      'budget',
      's1',
      '9',
      '--soft',
      '8',
      '--day',
      '30',
      '--tokens',
      '2M',
      '--for',
      'implementer=3',
      '--for',
      'review=2',
    ],
    'budget',
    {
      budgetUsd: 9,
      limits: { softUsd: 8, dayUsd: 30, tokens: 2_000_000, roles: { implementer: 3 }, stages: { review: 2 } },
    },
  ],
  [['retry', 's1', '--comment', 'mended'], 'retry', { comment: 'mended' }],
  [['cancel', 's1', '--reason', 'not now'], 'cancel', { reason: 'not now' }],
] as const)('%o is sent as it is meant', async ([args, verb, body]) => {
  await using web = await withStory(until('gate.opened'))

  const { code } = await sluice(['story', ...args], { data: web.data })

  expect(code).toBe(0)
  expect(web.told).toMatchObject([{ path: `/api/stories/s1/${verb}`, body }])
})

test.for([
  [['budget', 's1'], 'USD is missing.'],
  [['budget', 's1', '5', '--go-on'], '--go-on moves what stops the story by itself'],
  [['budget', 's1', '--for', 'implementer'], '--for implementer does not read as ROLE-OR-STAGE=USD.'],
  [['budget', 's1', '--tokens', 'many'], 'many is no number of tokens such as 500k or 2M.'],
] as const)('%o is refused with what is wrong', async ([args, why]) => {
  await using web = await withStory(until('gate.opened'))

  const refused = await sluice(['story', ...args], { data: web.data })

  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining(why) })
  expect(web.told).toEqual([])
})

test('services says what is held and until when, and how full a plan is', async () => {
  await using web = await withStory(until('gate.opened'))
  const until_ = '2026-11-26T14:40:00.000Z'
  web.answers.limits = {
    ...{ calls: 8, underWay: 2, waiting: 3 },
    held: [{ account: 'key', model: 'claude-opus-5-5', until: until_, why: 'the provider limits the rate' }],
    windows: [{ name: '5h', used: 0.42, resetsAt: until_, status: 'allowed', at: until_ }],
  }

  const { stdout } = await sluice(['services'], { data: web.data })

  expect(stdout).toContain('Model calls: 2 of 8 under way, 3 waiting.')
  expect(stdout).toMatch(/Held until \d\d:\d\d:\d\d: claude-opus-5-5, the provider limits the rate\./)
  expect(stdout).toMatch(/Plan, window 5h: 42 % used, drawn anew at \d\d:\d\d:\d\d\./)
})
