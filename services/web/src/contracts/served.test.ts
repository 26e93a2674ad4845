/** REST as it is served and REST as it is described are the same, both ways: routes, statuses, every field of every reply. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '@sluice/kit/artifacts.ts'
import { openLog } from '@sluice/kit/log.ts'
import type { Taken } from '@sluice/proto/seat.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { webApp } from '../app.ts'
import { lookingWith } from '../disk/looking.ts'
import { openPreviews } from '../preview/previews.ts'
import { openSeats } from '../seat-door/seats.ts'
import { openStories } from '../stories.ts'
import { type Described, openDescribed } from '../testing/described.ts'
import {
  checkpointed,
  ledgerGateway,
  othersAnswer,
  reviewAsked,
  storiesToDecide,
  terminalOf,
} from '../testing/inhabited.ts'
import { digestOf } from '../testing/sayings.ts'
import { seatToken, token, type World, webWorld } from '../testing/world.ts'
import { openTurns } from '../turns.ts'
import { openapi } from './openapi.ts'
import { routes } from './routes.ts'

const things = new AsyncDisposableStack()
let world: World
let described: Described
beforeAll(async () => {
  const { url } = things.use(await ledgerGateway())
  world = things.use(await webWorld({}, { gateway: { url, secret: 'secret-of-web' } }))
  await world.repo.commit({ 'sluice.yaml': 'checks: { test: node --test }\npreview: node app.js\n' })
  described = await openDescribed(openapi())
  await othersAnswer(world)
  await writeFile(join(world.pageDir, 'index.html'), '<!doctype html><title>Sluice</title>')
}, 120_000)
afterAll(() => things.disposeAsync())

test('every route that is served is described, and every described one is served', async () => {
  const bus = await world.bus('web')
  const ending = new AbortController()
  const [log, signal] = [openLog('web', { write: () => {} }), ending.signal]
  const stories = openStories({ bus, log, signal, onChange: () => {} })
  await using seats = openSeats(async () => null, { log, signal, runsDir: world.repo.dir, idleMs: 1 })
  const { own, store, pageDir } = world
  await using previews = openPreviews({ own, log, dir: join(world.repo.dir, 'none'), now: () => new Date() })
  const means = { own, bus, log, stories, store, pageDir, turns: openTurns(), env: {}, now: () => new Date() }
  const tending = { changed: () => {}, once: async () => new Map() }
  const rest = {
    tending,
    dataDir: world.repo.dir,
    gateway: undefined,
    framesSecret: '',
    patienceMs: 1,
    readTokens: async () => {},
  }

  const disk = lookingWith({ ...means, signal, dataDir: world.repo.dir, runsDir: world.repo.dir })
  const served = webApp({ ...means, ...rest, disk, door: { seats, stories }, previews }).routes
  ending.abort()

  const told = routes.map(({ method, path, servedBy = path }) => `${method.toUpperCase()} ${servedBy}`)
  // What lies behind the last one are the page's own files.
  expect(new Set([...told, 'GET /*'])).toEqual(
    new Set(served.flatMap(({ method, path }) => (method === 'ALL' ? [] : [`${method} ${path}`]))),
  )
})

test('every described route answers, and nothing it answers is undescribed', async () => {
  const problems = [...(await everyView()), ...(await everyCommand()), ...(await everyCallOfASeat())]

  expect(problems).toEqual([])
  expect(described.operations.filter((id) => !described.answered.has(id))).toEqual([])
}, 120_000)

test('what is refused is described as well', async () => {
  const id = await world.submit('Keep nothing.')
  const nobody = { headers: { authorization: 'Bearer slc_guessed' } }
  const gate = { gate: 'scope', digest: digestOf('scope') }

  const problems = [
    await heard('GET', '/api/session', nobody),
    await heard('POST', '/api/stories', { json: { txt: 'x' } }),
    await heard('POST', '/api/stories', { json: { text: 'x'.repeat(70_000) } }),
    await heard('POST', `/api/stories/${id}/approve`, { json: gate }),
    await heard('POST', '/api/stories/nobody/cancel', { json: {} }),
    await heard('GET', '/api/stories/nobody/trace'),
    await heard('GET', '/api/events?from=x'),
    await heard('GET', '/api/contracts/grpc.json'),
    await heard('POST', '/api/parked/999/resend'),
    await heard('DELETE', '/api/reviewers/checks'),
    await heard('POST', '/api/seats/security/take', nobody),
    await heard('GET', `/artifacts/${'0'.repeat(64)}`),
    await heard('PUT', `/artifacts/${'0'.repeat(64)}`, { body: 'x' }),
    await heard('GET', '/?token=wrong'),
  ]

  expect(problems.flat()).toEqual([])
})

test('every example fits its own schema', () => {
  expect(described.badExamples()).toEqual([])
})

type Init = Parameters<World['ask']>[2]

async function heard(method: string, path: string, init?: Init): Promise<string[]> {
  const { status, body, headers } = await world.ask(method, path, init)
  return described.problems(method, path, { status, type: headers.get('content-type'), body })
}

const get = (path: string) => heard('GET', path)
const post = (path: string, json?: unknown) => heard('POST', path, json === undefined ? {} : { json })

/** Each one after the other: what is wrong with their replies. */
async function inTurn(asks: (() => Promise<string[]>)[]): Promise<string[]> {
  const problems: string[] = []
  for (const ask of asks) problems.push(...(await ask()))
  return problems
}

async function everyView(): Promise<string[]> {
  const id = await world.submit('Keep everything.')
  const { runId, show } = await terminalOf(world, id)
  const about = `/api/stories/${id}`
  const [turned, other] = [await checkpointed(world, 'Keep every turn.'), await world.submit('Keep all.')]
  const house = [
    'session',
    'services',
    'stories',
    'ledger',
    'money',
    'forecast',
    'limits',
    'models',
    'engines',
    'parked',
    'reviewers',
    'memory-state',
    'disk',
  ]
  const more = ['memory?q=drafts', 'memory/keep-drafts', 'contracts/openapi.json', 'contracts/asyncapi.json']
  const bytes = 'text'
  const place = `/artifacts/${sha256(Buffer.from(bytes))}`
  return inTurn([
    ...[...house, ...more].map((path) => () => get(`/api/${path}`)),
    ...['checkpoints', 'checkpoints/1/patch'].map((view) => () => get(`/api/stories/${turned}/${view}`)),
    () => get(`${about}/compare/${other}`),
    ...['events', 'runs', 'trace', 'trace?as=otlp'].map((view) => () => get(`${about}/${view}`)),
    () => get(`${about}/runs/implementer/${runId}/screen`),
    () => get(`${about}/preview`),
    () => streamed('/api/events?from=1', () => {}),
    () => streamed(`${about}/terminal`, show),
    () => heard('PUT', place, { body: bytes }),
    () => get(place),
    () => get('/'),
    () => get(`/?token=${token}`),
  ])
}

async function everyCommand(): Promise<string[]> {
  const { gated, asking, failed, reviewed, built } = await storiesToDecide(world)
  const say = (id: string, verb: string, json: object) => () => post(`/api/stories/${id}/${verb}`, json)
  const turned = await checkpointed(world)
  const sitting = { kind: 'external' }
  const { body: parked } = await world.ask<{ sequence: number }[]>('GET', '/api/parked')
  const answers = [{ id: 'q', text: 'How long?', answer: '30 days' }]
  return inTurn([
    () => post('/api/stories', { text: 'Keep this.' }),
    say(gated, 'reject', { gate: 'scope', digest: digestOf('scope'), comment: 'Say for how long.' }),
    say(asking.id, 'answer', { request: asking.request, answers }),
    () => post(`/api/parked/${parked[0]?.sequence}/resend`),
    say(asking.id, 'budget', { budgetUsd: 12 }),
    () => post(`/api/stories/${reviewed}/preview`),
    () => heard('DELETE', `/api/stories/${reviewed}/preview`),
    say(built.id, 'steer', { text: 'Use tabs.', attachments: [{ sha256: built.file, name: 'a.txt' }] }),
    say(built.id, 'attach', { attachments: [{ sha256: built.file, name: 'b.txt' }] }),
    say(built.id, 'interrupt', {}),
    say(built.id, 'permit', { request: built.request, permission: 'p-1', key: 'k', allow: true, forStory: true }),
    () => post(`/api/stories/${built.id}/runs/implementer/${built.request}/keys`, { data: 'y' }),
    say(built.id, 'pause', {}),
    say(built.id, 'resume', {}),
    say(built.id, 'stop', {}),
    say(built.id, 'take', {}),
    built.parks,
    say(built.id, 'open', {}),
    say(built.id, 'hand-back', { words: 'Yours.' }),
    say(reviewed, 'dismiss', { findingId: 'f1', reason: 'It never leaves.' }),
    say(reviewed, 'approve', { gate: 'review', digest: digestOf('review') }),
    say(failed, 'retry', {}),
    say(failed, 'cancel', {}),
    say(turned, 'rewind', { n: 1 }),
    say(turned, 'fork', { at: 'architecture', title: 'Keep turns otherwise' }),
    say(turned, 'keep', {}),
    () => post('/api/memory/keep-drafts/edit', { text: 'Drafts live in a database.' }),
    () => post('/api/memory/keep-drafts/pin', {}),
    () => post('/api/memory/keep-drafts/forget', {}),
    () => post('/api/disk/clear', { now: true }),
    () => post('/api/services/implementer/scale', { replicas: 2 }),
    () => post('/api/reviewers', { seat: 'acme', sitting }),
    () => post('/api/reviewers/acme/swap', { sitting }),
    () => heard('DELETE', '/api/reviewers/acme'),
  ])
}

async function everyCallOfASeat(): Promise<string[]> {
  await reviewAsked(world, 'security')
  const headers = { authorization: `Bearer ${seatToken('security')}` }
  const door = '/api/seats/security'
  const take = async () => (await world.ask<Taken>('POST', `${door}/take?wait=20`, { headers })).body.take
  const occupant = { program: 'their-own', version: '7' }
  const first = await take()
  const ask = (method: string, path: string, json?: object) => () =>
    heard(method, door + path, { headers, ...(json ? { json } : {}) })
  const looks = ['diff', 'files', 'files?path=a.txt']
  return inTurn([
    ask('POST', `/takes/${first}/alive`),
    ...looks.map((look) => ask('GET', `/takes/${first}/${look}`)),
    ask('POST', `/takes/${first}/release`),
    async () => {
      const { status, body, headers: head } = await world.ask<Taken>('POST', `${door}/take?wait=20`, { headers })
      const reply = { status, body, type: head.get('content-type') }
      const verdict = { verdict: 'approve', summary: 'Fine.', findings: [], occupant }
      return [
        ...described.problems('POST', `${door}/take`, reply),
        ...(await ask('POST', `/takes/${body.take}/verdict`, verdict)()),
      ]
    },
    ask('POST', '/take?wait=0'),
  ])
}

/** The first event of a stream that says anything, once it is open. */
async function streamed(path: string, onOpen: () => void): Promise<string[]> {
  const stop = new AbortController()
  const headers = { authorization: `Bearer ${token}` }
  const reply = await fetch(world.origin + path, { headers, signal: stop.signal })
  let [text, told] = ['', false]
  for await (const chunk of reply.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    if (!told) onOpen()
    told = true
    if (/^data: .+\n\n/m.test(text)) break
  }
  stop.abort()
  const body = [...text.matchAll(/^data: (.+)$/gm)].map(([, data = '']) => JSON.parse(data))
  return described.problems('GET', path, { status: reply.status, type: reply.headers.get('content-type'), body })
}
