/** A reviewer that knows nothing but HTTP: what it is given, what it may say, and what becomes of its request when it falls. */
import { jetstreamManager } from '@sluice/kit/bus.ts'
import { sayCancel } from '@sluice/kit/ctl.ts'
import { patchId, treeOf } from '@sluice/kit/diff.ts'
import { revokeLease } from '@sluice/kit/lease.ts'
import type { Finding } from '@sluice/proto/parts.ts'
import type { Taken } from '@sluice/proto/seat.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask as asked, submitted } from '../testing/sayings.ts'
import { raw, seatToken, token, type World, webWorld } from '../testing/world.ts'

let world: World
let judged: { base: string; commit: string; tree: string; patchId: string }
beforeAll(async () => {
  world = await webWorld()
  judged = await changeIn(world)
})
afterAll(() => world[Symbol.asyncDispose]())

const occupant = { program: 'their-own', version: '7' }
const approves = { verdict: 'approve', summary: 'Fine.', findings: [], occupant }

test('takes a request, looks at the change, and its verdict is the event of its seat', async () => {
  await requested(world, 's1', { seats: ['security'] })

  const { body: taken } = await take(world, 'security')
  const at = `/takes/${taken.take}`
  const diff = await ask(world, 'security', 'GET', `${at}/diff`)
  const files = await ask(world, 'security', 'GET', `${at}/files`)
  const head = await ask(world, 'security', 'GET', `${at}/files?path=${encodeURIComponent('ä b.txt')}&side=head`)
  const base = await ask(world, 'security', 'GET', `${at}/files?path=${encodeURIComponent('ä b.txt')}&side=base`)
  const finding = { severity: 'high', blocking: true, path: 'ä b.txt', startLine: 2, claim: 'A secret.', evidence: 'x' }
  const rejects = { ...approves, verdict: 'reject', findings: [finding] }
  const said = await ask(world, 'security', 'POST', `${at}/verdict`, rejects)
  const again = await ask(world, 'security', 'POST', `${at}/verdict`, rejects)
  const other = await ask(world, 'security', 'POST', `${at}/verdict`, approves)

  expect(diff.body).toContain('+secret')
  expect([files.body, head.body, base.status]).toMatchObject([[{ path: 'ä b.txt' }], 'one\nsecret\n', 404])
  const [event, ...more] = (await world.log('s1')).filter(({ type }) => type === 'review.completed')
  expect(event).toMatchObject({
    source: 'security',
    data: {
      ...{ seat: 'security', request: taken.request.id, attempt: taken.attempt, verdict: 'reject', judged, occupant },
      findings: [{ ...finding, id: expect.stringMatching(/^f-/), seat: 'security' }],
    },
  })
  expect([said.body, again.body]).toEqual([{ event: event?.id }, { event: event?.id }])
  expect([other.status, more]).toEqual([409, []])
})

test('what does not hold is said at once, and may be sent again', async () => {
  const old = { id: 'f-old', seat: 'refactor', severity: 'low', blocking: false, claim: 'Old.', evidence: '' } as const
  await requested(world, 's2', { seats: ['refactor'], earlier: [old] })
  const { body: taken } = await take(world, 'refactor')
  const send = (body: unknown) => ask(world, 'refactor', 'POST', `/takes/${taken.take}/verdict`, body)
  const found = { severity: 'low', blocking: false, claim: 'c', evidence: 'e' }
  const findings = [
    { ...found, path: 'ä b.txt', startLine: 3 },
    { ...found, path: '../../etc/passwd' },
    { ...found, criterion: 'C9' },
  ]

  const wrong = await send({ ...approves, verdict: 'reject', findings })
  const unread = await send({ verdict: 'maybe', commit: judged.commit })
  const right = await send({ ...approves, earlier: [{ findingId: 'f-old', resolved: true, note: 'Gone.' }] })

  expect([wrong.status, unread.status, right.status]).toEqual([400, 400, 200])
  for (const sentence of [
    'Finding 1: ä b.txt has 2 lines: there is no line 3.',
    'Finding 2: ../../etc/passwd is no file of the project',
    'Finding 3: C9 is no criterion',
    'The earlier finding f-old is not answered.',
    'The verdict rejects and nothing blocks',
  ])
    expect(wrong.body.error).toContain(sentence)
  expect(unread.body.error).toMatch(/verdict: .*summary: .*occupant: .*commit/s)
})

test('what only a person may dismiss stands, whatever is said of it', async () => {
  const held = { ...old, id: 'f-held', blocking: true, personOnly: true }
  await requested(world, 's3', { seats: ['generic'], earlier: [held] })
  const { body: taken } = await take(world, 'generic')
  const earlier = [{ findingId: 'f-held', resolved: true, note: 'I think so.' }]

  await ask(world, 'generic', 'POST', `/takes/${taken.take}/verdict`, { ...approves, earlier })

  const event = (await world.log('s3')).find(({ type }) => type === 'review.completed')
  expect(event?.data).toMatchObject({ verdict: 'reject', findings: [held], earlier: [{ resolved: false }] })
})

const old: Finding = { id: 'f', seat: 'generic', severity: 'high', blocking: true, claim: 'c', evidence: 'e' }

test('given back it goes to the next who asks; asked again with its key it is the same take', async () => {
  await requested(world, 's4', { seats: ['security'] })
  const { body: first } = await take(world, 'security', 10, 'key-1')
  const { body: same } = await take(world, 'security', 10, 'key-1')
  await ask(world, 'security', 'POST', `/takes/${first.take}/release`)

  const { body: second } = await take(world, 'security')
  const late = await ask(world, 'security', 'POST', `/takes/${first.take}/alive`)
  const alive = await ask(world, 'security', 'POST', `/takes/${second.take}/alive`)
  await ask(world, 'security', 'POST', `/takes/${second.take}/verdict`, approves)

  expect(same.take).toBe(first.take)
  expect(second).toMatchObject({ request: { id: first.request.id } })
  expect(second.attempt).toBeGreaterThan(first.attempt)
  expect([late.status, alive.status]).toEqual([409, 204])
})

test('a seat opens to its own token and to no other', async () => {
  const path = '/api/seats/security/take'
  const tokens = [token, seatToken('refactor'), 'slc_guessed-by-somebody']
  const given = tokens.map((one) => ({ headers: { authorization: `Bearer ${one}` } }))

  const refused = await Promise.all(given.map((init) => world.ask('POST', path, init)))
  const nowhere = await world.ask('POST', '/api/seats/analyst/take', given[0])
  const { status } = await raw(world.own.port, path, {
    ...{ method: 'POST', headers: { host: 'evil.example', authorization: `Bearer ${seatToken('security')}` } },
  })

  expect([...refused, nowhere].map((reply) => reply.status)).toEqual([401, 401, 401, 401])
  expect(status).toBe(403)
})

test('nobody asks: whoever sits there on the bus is not robbed', async () => {
  const left = new AbortController()
  const leaving = take(world, 'generic', 30, undefined, left.signal).catch(() => null)
  const jsm = await jetstreamManager((await world.bus('supervisor')).nc)
  await expect.poll(async () => (await jsm.consumers.info('STORY', 'take-generic')).num_waiting).toBe(1)
  left.abort()
  await leaving

  await requested(world, 's5', { seats: ['generic'] })

  const consumer = await (await world.bus('generic')).js.consumers.get('STORY', 'take-generic')
  const ids: unknown[] = []
  while (!ids.includes('s5')) {
    const message = await consumer.next({ expires: 20_000 })
    ids.push(message?.json<{ storyId: string }>().storyId)
    message?.ack()
  }
})

test('a request that was taken out of every hand is over', async () => {
  await requested(world, 's7', { seats: ['refactor'] })
  const { body: taken } = await take(world, 'refactor')
  const conductor = await world.bus('orchestrator')
  await revokeLease(conductor, 'refactor', taken.request.id, 'deadline')
  sayCancel(conductor, { source: 'refactor', storyId: 's7', runId: taken.request.id })

  await expect.poll(async () => (await ask(world, 'refactor', 'POST', `/takes/${taken.take}/alive`)).status).toBe(409)

  const late = await ask(world, 'refactor', 'POST', `/takes/${taken.take}/verdict`, approves)
  expect(late.status).toBe(409)
})

test('a web that is told to stop gives back what is in hand', async () => {
  await requested(world, 's8', { seats: ['checks'] })
  const { body: first } = await take(world, 'checks')

  await world.restart()

  const { body: second } = await take(world, 'checks')
  const late = await ask(world, 'checks', 'POST', `/takes/${first.take}/verdict`, approves)
  expect(second.request.id).toBe(first.request.id)
  expect(late.status).toBe(409)
})

test('without a sign of life it goes to the next who asks, and the late verdict does not count', async () => {
  await using silent = await webWorld({}, { doorMs: { aliveMs: 300 } })
  judged = await changeIn(silent)
  await requested(silent, 's1', { seats: ['security'] })
  const { body: first } = await take(silent, 'security')

  const { body: second } = await take(silent, 'security', 30)
  const late = await ask(silent, 'security', 'POST', `/takes/${first.take}/verdict`, approves)

  expect(second.request.id).toBe(first.request.id)
  expect(second.attempt).toBeGreaterThan(first.attempt)
  expect(late.status).toBe(409)
})

async function changeIn({ repo }: World): Promise<typeof judged> {
  const base = repo.git(['rev-parse', 'HEAD']).trim()
  const commit = await repo.commit({ 'ä b.txt': 'one\nsecret\n' })
  const repository = await repo.open()
  return { base, commit, tree: await treeOf(repository, commit), patchId: await patchId(repository, base, commit) }
}

async function requested(to: World, storyId: string, more: { seats: string[]; earlier?: Finding[] }): Promise<void> {
  const said = asked.review(submitted, `cause-of-${storyId}`)
  const place = { root: to.repo.root, base: 'main', commit: judged.base }
  await to.say(storyId, { ...said, data: { ...(said.data as object), repository: place, judged, ...more } })
}

type Reply = { error: string }
const ask = <T = Reply>(to: World, seat: string, method: string, path: string, json?: unknown, init: object = {}) =>
  to.ask<T>(method, `/api/seats/${seat}${path}`, {
    ...(json === undefined ? {} : { json }),
    ...{ headers: { authorization: `Bearer ${seatToken(seat)}` } },
    ...init,
  })

const take = (to: World, seat: string, wait = 20, key?: string, signal?: AbortSignal) =>
  ask<Taken>(to, seat, 'POST', `/take?wait=${wait}`, undefined, {
    ...(signal ? { signal } : {}),
    headers: { authorization: `Bearer ${seatToken(seat)}`, ...(key ? { 'idempotency-key': key } : {}) },
  })
