/** A person's decisions: about what was on the screen, once, and folded in before they are answered. */

import { StoryRetried } from '@sluice/proto/events.ts'
import type { Board } from '@sluice/proto/rest.ts'
import type { Story } from '@sluice/proto/story.ts'
import { expect, test } from 'vitest'
import { type CommandMeans, runCommand } from './commands.ts'
import type { Known } from './stories.ts'
import { answered, ask, digestOf, finding, gateOpened, scopeFailed, scopePaused } from './testing/sayings.ts'
import { toGate, webWorld } from './testing/world.ts'
import { openTurns } from './turns.ts'

const scopeGate = { gate: 'scope', digest: digestOf('scope') }
const reviewGate = { gate: 'review', digest: digestOf('review') }

test('an approval of what is shown is recorded as the person’s, and the board knows it at once', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  await toGate(world, id, 'scope')

  const { status, body } = await world.command(id, 'approve', { ...scopeGate, comment: 'Good.' })
  const board = await world.ask<Board>('GET', '/api/stories')

  expect(status).toBe(200)
  expect(board.body.cards).toMatchObject([{ id, needsPerson: false }])
  expect((await world.log(id)).at(-1)).toMatchObject({
    ...{ id: body.event, type: 'gate.approved', source: 'web', data: { ...scopeGate, by: 'person', comment: 'Good.' } },
  })
})

test.for(['approve', 'reject'] as const)(
  'to %s what is no longer on the table is a conflict that says what is',
  async (verb) => {
    await using world = await webWorld()
    const id = await world.submit()
    const opened = await toGate(world, id, 'scope')
    await world.say(id, gateOpened('scope', opened, 1))
    const before = (await world.log(id)).length

    const { status, body } = await world.command(id, verb, { ...scopeGate, comment: 'x' })

    expect(status).toBe(409)
    expect(body.current).toEqual({ gate: 'scope', digest: digestOf('scope', 1) })
    expect(await world.log(id)).toHaveLength(before)
  },
)

test('where no gate is open there is nothing to approve', async () => {
  await using world = await webWorld()
  const id = await world.submit()

  expect(await world.command(id, 'approve', scopeGate)).toMatchObject({ status: 409, body: { current: null } })
})

test('the same key again is the same event, also when the gate is long gone and web was started anew', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  await toGate(world, id, 'scope')
  const first = await world.command(id, 'approve', scopeGate, 'key-1')
  await world.restart()

  const again = await world.command(id, 'approve', scopeGate, 'key-1')

  expect(again).toMatchObject({ status: 200, body: { event: first.body.event } })
  expect((await world.log(id)).filter(({ type }) => type === 'gate.approved')).toHaveLength(1)
})

test('of two decisions at the same moment one counts and the other is told', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  await toGate(world, id, 'scope')

  const both = await Promise.all([
    world.command(id, 'approve', scopeGate),
    world.command(id, 'reject', { ...scopeGate, comment: 'No.' }),
  ])

  expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
})

test('a comment sends a stage back', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  await toGate(world, id, 'scope')

  const { status } = await world.command(id, 'reject', { ...scopeGate, comment: 'Say for how long.' })

  expect(status).toBe(200)
  expect((await world.story(id)).feedback.scope).toMatchObject([{ comment: 'Say for how long.' }])
})

test('findings in the way keep the review gate shut', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  await toGate(world, id, 'review', [finding('f1'), finding('f2')])

  const { status, body } = await world.command(id, 'approve', reviewGate)

  expect({ status, error: body.error }).toEqual({ status: 409, error: '2 findings stand in the way.' })
  expect(body.current).toEqual(reviewGate)
  expect((await world.story(id)).approvals.review).toBeUndefined()
})

test('with a reason they are dismissed, each by the person, and the gate opens', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  await toGate(world, id, 'review', [finding('f1'), finding('f2')])

  const { status } = await world.command(id, 'approve', { ...reviewGate, dismiss: 'A demo.' })

  const story = await world.story(id)
  expect(status).toBe(200)
  expect(story.dismissed).toEqual({ f1: { reason: 'A demo.', by: 'person' }, f2: { reason: 'A demo.', by: 'person' } })
  expect(story.approvals.review).toMatchObject({ by: 'person' })
})

test('cut off between dismissal and approval, the same key makes up the rest', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  await toGate(world, id, 'review', [finding('f1'), finding('f2')])
  await world.command(id, 'dismiss', { findingId: 'f1', reason: 'A demo.' })

  const { status } = await world.command(id, 'approve', { ...reviewGate, dismiss: 'A demo.' }, 'key-1')
  const again = await world.command(id, 'approve', { ...reviewGate, dismiss: 'A demo.' }, 'key-1')

  expect([status, again.status]).toEqual([200, 200])
  const types = (await world.log(id)).map(({ type }) => type)
  expect(types.filter((type) => type === 'finding.dismissed')).toHaveLength(2)
})

test.for([
  ['no such finding', { findingId: 'f9', reason: 'x' }, 404],
  ['an empty reason', { findingId: 'f1', reason: ' ' }, 400],
] as const)('%s dismisses nothing', async ([, json, status]) => {
  await using world = await webWorld()
  const id = await world.submit()
  await toGate(world, id, 'review', [finding('f1')])

  expect((await world.command(id, 'dismiss', json)).status).toBe(status)
  expect((await world.story(id)).dismissed).toEqual({})
})

const questions = [
  { id: 'q1', text: 'For how long?' },
  { id: 'q2', text: 'For whom?' },
]

async function pausedStory(world: Awaited<ReturnType<typeof webWorld>>) {
  const id = await world.submit()
  const { submitted } = await world.story(id)
  const request = await world.say(id, ask.scope(submitted, submitted.event))
  return { id, request }
}

test('all questions are answered at once, as they were asked', async () => {
  await using world = await webWorld()
  const { id, request } = await pausedStory(world)
  await world.say(id, scopePaused(request, { kind: 'questions', questions }))
  const answers = [
    { id: 'q1', text: 'something else', answer: '30 days' },
    { id: 'q2', text: 'For whom?', answer: 'Everybody' },
  ]

  const half = await world.command(id, 'answer', { request, answers: answers.slice(0, 1) })
  const whole = await world.command(id, 'answer', { request, answers })

  expect([half.status, whole.status]).toEqual([400, 200])
  expect((await world.story(id)).answers).toEqual([
    { id: 'q1', text: 'For how long?', answer: '30 days' },
    { id: 'q2', text: 'For whom?', answer: 'Everybody' },
  ])
})

test.for([
  [
    'a question nobody asked',
    'mine',
    [
      { id: 'q1', text: 't', answer: 'a' },
      { id: 'q2', text: 't', answer: 'a' },
      { id: 'q3', text: 't', answer: 'a' },
    ],
    400,
  ],
  ['another request', 'another-request', [{ id: 'q1', text: 't', answer: 'a' }], 409],
] as const)('an answer to %s is refused', async ([, which, answers, status]) => {
  await using world = await webWorld()
  const { id, request } = await pausedStory(world)
  await world.say(id, scopePaused(request, { kind: 'questions', questions }))

  const reply = await world.command(id, 'answer', { request: which === 'mine' ? request : which, answers })

  expect(reply.status).toBe(status)
})

test('past a line one word is enough, and where none stops it the word is refused', async () => {
  await using world = await webWorld()
  const id = await world.submit('Keep drafts.', { limits: { softUsd: 4 } })
  const request = await world.say(
    id,
    ask.scope((await world.story(id)).submitted, (await world.story(id)).submitted.event),
  )
  const early = await world.command(id, 'budget', { goOn: true })
  const soft = { kind: 'budget' as const, spentUsd: 4.1, neededUsd: 1, budgetUsd: 7, line: 'soft' as const, at: 4 }
  await world.say(id, scopePaused(request, soft))

  const onward = await world.command(id, 'budget', { goOn: true })
  const nothing = await world.command(id, 'budget', {})

  expect([early.status, onward.status, nothing.status]).toEqual([409, 200, 400])
  expect(early.body.error).toBe('Nothing of this story waits for a line to be moved.')
  expect((await world.log(id)).at(-1)).toMatchObject({
    ...{ type: 'budget.raised', data: { budgetUsd: 7, limits: { softUsd: 7 } } },
  })
  expect((await world.story(id)).steps.scope.at).toBe('owed')
})

test('another line is moved without the budget', async () => {
  await using world = await webWorld()
  const id = await world.submit()

  const { status } = await world.command(id, 'budget', { limits: { roles: { implementer: 3 } } })

  expect(status).toBe(200)
  expect(await world.story(id)).toMatchObject({ budgetUsd: 7, limits: { roles: { implementer: 3 } } })
})

test.each([
  { kind: 'limit' as const, resetsAt: '2026-01-01T00:00:00.000Z', wake: false, problem: 'Held.' },
  { kind: 'stuck' as const, saw: 'look, again and again', times: 5 },
])('a run that waits because of its $kind goes on when it is retried', async (waiting) => {
  await using world = await webWorld()
  const id = await world.submit()
  const { submitted } = await world.story(id)
  await world.say(id, scopePaused(await world.say(id, ask.scope(submitted, submitted.event)), waiting))

  const { status } = await world.command(id, 'retry', {})

  expect(status).toBe(200)
  expect((await world.story(id)).steps.scope.at).toBe('owed')
})

test('a budget must be more than what is spent, by what the waiting run says too', async () => {
  await using world = await webWorld()
  const { id, request } = await pausedStory(world)
  await world.say(id, scopePaused(request, { kind: 'budget', spentUsd: 6.5, neededUsd: 1, budgetUsd: 7 }))

  const less = await world.command(id, 'budget', { budgetUsd: 6.5 })
  const more = await world.command(id, 'budget', { budgetUsd: 9 })

  expect([less.status, more.status]).toEqual([409, 200])
  expect(less.body.error).toBe('$6.50 are spent already.')
  expect((await world.story(id)).budgetUsd).toBe(9)
})

test('what failed is asked again, what works or waits for an answer is not', async () => {
  await using world = await webWorld()
  const { id, request } = await pausedStory(world)
  const working = await world.command(id, 'retry', {})
  await world.say(id, scopeFailed(request))

  const failed = await world.command(id, 'retry', { comment: 'Again.' })

  expect([working.status, failed.status]).toEqual([409, 200])
  expect((await world.story(id)).steps.scope).toMatchObject({ at: 'owed', cause: failed.body.event })
})

test('a cancelled story is ended for every command', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  await toGate(world, id, 'scope')
  const { status } = await world.command(id, 'cancel', { reason: 'No need.' })

  const late = await Promise.all([
    world.command(id, 'approve', scopeGate),
    world.command(id, 'cancel', {}),
    world.command(id, 'budget', { budgetUsd: 9 }),
  ])

  expect(status).toBe(200)
  expect(late.map((reply) => [reply.status, reply.body.error])).toEqual(
    Array(3).fill([409, 'The story is cancelled already.']),
  )
  expect((await world.log(id)).at(-1)).toMatchObject({ type: 'story.cancelled', data: { reason: 'No need.' } })
})

test('bad input is refused in a sentence with the mend, and nothing is recorded', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  const bad = [
    { why: 'an unknown story', path: 'nobody/cancel', body: '{}', status: 404 },
    { why: 'a name that is a pattern', path: '*/cancel', body: '{}', status: 404 },
    { why: 'an unknown verb', path: `${id}/ship`, body: '{}', status: 404 },
    { why: 'a verb every object has', path: `${id}/toString`, body: '{}', status: 404 },
    { why: 'not JSON', path: `${id}/cancel`, body: '{', status: 400 },
    { why: 'a list', path: `${id}/cancel`, body: '[]', status: 400 },
    { why: 'a field nobody knows', path: `${id}/cancel`, body: '{"reasons":"x"}', status: 400 },
    { why: 'a field of another kind', path: `${id}/cancel`, body: '{"reason":7}', status: 400 },
    { why: 'a missing field', path: `${id}/approve`, body: '{"gate":"scope"}', status: 400 },
  ]
  const sentence = expect.stringMatching(/^[A-Z].*\.$/s)

  for (const { why, path, body, status } of bad)
    expect
      .soft(await world.ask('POST', `/api/stories/${path}`, { body }), why)
      .toMatchObject({ status, body: { error: sentence, mend: sentence } })

  expect(await world.log(id)).toHaveLength(1)
})

test('a forged gate of somebody who may not open one is no gate', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  const { submitted } = await world.story(id)
  await world.say(id, answered('scope', await world.say(id, ask.scope(submitted, submitted.event))))
  const forged = { ...gateOpened('scope', submitted.event), source: 'web' }
  await world.say(id, forged)

  expect((await world.command(id, 'approve', scopeGate)).status).toBe(409)
})

test('a gate that changed between the look and the word is a conflict, though the word stands in the log', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  const opened = await toGate(world, id, 'scope')
  const looked = await world.story(id)
  await world.say(id, gateOpened('scope', opened, 1))
  const late = await world.story(id)
  const stories = changing(looked, late)
  const asked = { verb: 'approve', storyId: id, body: scopeGate, key: 'k', signal: never }
  const said = runCommand({ stories, turns: openTurns(), store: world.store, now: () => new Date() }, asked)

  await expect(said).rejects.toMatchObject({ status: 409, problem: { current: { digest: digestOf('scope', 1) } } })
})

test('of two commands at the same moment the second sees what the first has done', async () => {
  await using world = await webWorld()
  const { id, request } = await pausedStory(world)
  await world.say(id, scopeFailed(request))
  const failed = await world.story(id)
  await world.say(id, { type: StoryRetried, source: 'web', cause: null, data: {} })
  const means = {
    stories: changing(failed, await world.story(id)),
    turns: openTurns(),
    store: world.store,
    now: () => new Date(),
  }
  const retry = (key: string) => runCommand(means, { verb: 'retry', storyId: id, body: {}, key, signal: never })

  const both = await Promise.allSettled([retry('key-1'), retry('key-2')])

  expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { status: 409 } }])
})

const never = new AbortController().signal

/** Stories with one that is another once something was recorded, as somebody else's word in between would make it. */
function changing(before: Story, after: Story): CommandMeans['stories'] {
  let story = before
  return {
    get: () => ({ card: {} as Known['card'], text: '', said: new Set(), story }),
    async record() {
      await Promise.resolve()
      story = after
    },
  }
}
