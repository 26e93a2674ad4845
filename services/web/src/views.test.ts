/** What REST shows: the session, the board, a story's events and runs, who is away. */
import { createServer } from 'node:http'
import { readAll } from '@sluice/kit/follow.ts'
import { freePort } from '@sluice/kit/testing/broker.ts'
import type { Board, MemoryHit, RunView, ServiceView, Session, StoryEvents } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { ask, occupant, usage } from './testing/sayings.ts'
import { toGate, webWorld } from './testing/world.ts'

test('the session says who is here, how the page hears the bus, and names a foreign upstream', async () => {
  await using ours = await webWorld()
  const demoStories = [{ title: 'Search', text: 'Search.' }]
  const engine = { ...ours.own.engine, scripted: 'plays the demo', upstream: 'http://127.0.0.1:9' }
  await using foreign = await webWorld({ demoStories, engine })

  const [plain, other] = await Promise.all([ours, foreign].map((world) => world.ask<Session>('GET', '/api/session')))

  expect(plain?.body).toMatchObject({
    ...{ bus: ours.own.bus, project: ours.own.project, budgetUsd: 7, foreignUpstream: false, demo: null },
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  })
  expect(other?.body).toMatchObject({ foreignUpstream: true, engine, demo: { stories: demoStories } })
  expect(plain?.headers.get('cache-control')).toBe('no-store')
  expect(JSON.stringify(plain?.body)).not.toContain(ours.own.token)
})

test('the project is said once, and again when it is another branch', async () => {
  await using world = await webWorld()
  const attached = async () =>
    (await readAll(await world.bus('orchestrator'), 'project.p1.>')).map(({ event }) => event.data)
  await world.restart()
  const once = await attached()
  world.own.project = { ...world.own.project, base: 'trunk' }
  await world.restart()
  world.own.project = { ...world.own.project, base: 'main' }
  await world.restart()

  const { name, root, demo } = world.own.project
  expect(once).toEqual([{ name, root, demo, base: 'main' }])
  expect(await attached()).toMatchObject([{ base: 'main' }, { base: 'trunk' }, { base: 'main' }])
})

test('how many builds may run at once is said when it is another number, and not again', async () => {
  await using world = await webWorld({ builds: 2 })
  await world.restart()
  world.own.builds = 3
  await world.restart()

  const said = await readAll(await world.bus('orchestrator'), 'project.p1.project.limited.web')

  expect(said.map(({ event }) => event.data)).toEqual([{ builds: 2 }, { builds: 3 }])
})

test('the board holds a card for every story, those of before a restart and those that ended too', async () => {
  await using world = await webWorld()
  const [one, two] = [await world.submit('Keep drafts.'), await world.submit('Search notes.')]
  await world.command(two, 'cancel', {})
  await world.restart()

  const { sequence, cards } = (await world.ask<Board>('GET', '/api/stories')).body

  expect(cards.map(({ id, status, stage }) => ({ id, status, stage }))).toEqual([
    { id: one, status: 'running', stage: 'scope' },
    { id: two, status: 'cancelled', stage: 'cancelled' },
  ])
  expect(Math.max(...cards.map((card) => card.sequence))).toBe(sequence)
})

test('a story’s events are all of them and only its own, with the sequence to go on from', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  await world.submit('Another.')
  await toGate(world, id, 'scope')

  const { sequence, events } = (await world.ask<StoryEvents>('GET', `/api/stories/${id}/events`)).body

  expect(events.map(({ event }) => event.type)).toEqual([
    'story.submitted',
    'scope.requested',
    'scope.completed',
    'gate.opened',
  ])
  expect(new Set(events.map(({ event }) => event.storyId))).toEqual(new Set([id]))
  expect(events.at(-1)?.sequence).toBe(sequence)
})

test('runs show what they wrote for people, of every attempt, and not the conversation', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  const { submitted } = await world.story(id)
  const request = await world.say(id, ask.scope(submitted, submitted.event))
  const bus = await world.bus('analyst')
  const entries = [
    { kind: 'started', attempt: 3, data: {} },
    { kind: 'prompt', attempt: 3, data: { content: 'secret prompt' } },
    { kind: 'session', attempt: 3, data: { occupant } },
    { kind: 'usage', attempt: 3, data: { usage, model: 'claude-test' } },
    { kind: 'failure', attempt: 3, data: { message: 'The stream was cut.' } },
    { kind: 'started', attempt: 5, data: {} },
    {
      kind: 'note',
      attempt: 5,
      data: { type: 'tool', state: 'started', callId: 'c', tool: 'shell', text: 'npm test' },
    },
    {
      kind: 'note',
      attempt: 5,
      data: { type: 'tool', state: 'ended', callId: 'c', tool: 'shell', text: 'npm test', ok: false, exitCode: 2 },
    },
    { kind: 'note', attempt: 5, data: { type: 'text', text: 'Done.' } },
    { kind: 'note', attempt: 5, data: { type: 'todo', text: '☑ a', items: [{ text: 'a', state: 'done' }] } },
  ]
  for (const [i, entry] of entries.entries())
    await bus.put(`run.analyst.${id}.${request}.${i + 1}`, { at: '2026-01-01T00:00:00.000Z', ...entry }, 0)

  const { body } = await world.ask<RunView[]>('GET', `/api/stories/${id}/runs`)

  expect(body).toMatchObject([{ runId: request, source: 'analyst', attempts: 2, occupant }])
  expect(body[0]?.notes.map(({ attempt, kind, text }) => [attempt, kind, text])).toEqual([
    [3, 'started', 'Began.'],
    [3, 'failure', 'The stream was cut.'],
    [5, 'started', 'Began.'],
    [5, 'tool', 'npm test'],
    [5, 'tool ended', 'npm test (exit 2)'],
    [5, 'text', 'Done.'],
    [5, 'todo', '☑ a'],
  ])
  expect(body[0]?.notes.at(-1)?.todo).toEqual([{ text: 'a', state: 'done' }])
})

test('a story nobody submitted has no events, runs or trace', async () => {
  await using world = await webWorld()

  const replies = await Promise.all(
    ['events', 'runs', 'trace'].map((view) => world.ask('GET', `/api/stories/*/${view}`)),
  )

  expect(replies.map(({ status }) => status)).toEqual([404, 404, 404])
})

test('services are what the supervisor says, with what waits for each role', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  const { submitted } = await world.story(id)
  const nobody = await world.ask('GET', '/api/services')
  const view = { version: '0.1.0', pid: 1, state: 'running', restarts: 0, busy: 0, pending: null, lastError: null }
  const services = ['web', 'analyst'].map((name) => ({ name, replica: '1', ...view }))
  const supervisor = await world.bus('supervisor')
  supervisor.nc.subscribe('command.services', {
    callback: (_, message) => void message.respond(JSON.stringify({ services })),
  })
  await supervisor.nc.flush()
  await world.say(id, ask.scope(submitted, submitted.event))

  const { body } = await world.ask<ServiceView[]>('GET', '/api/services')

  expect(nobody).toMatchObject({ status: 503, body: { error: 'Nobody supervises the services.' } })
  expect(body.map(({ name, pending }) => [name, pending])).toEqual([
    ['web', null],
    ['analyst', 1],
  ])
})

test('memory is asked over the bus, and is away when nobody answers', async () => {
  await using world = await webWorld()
  const away = await world.ask('GET', '/api/memory?q=drafts')
  const hit: MemoryHit = {
    ...{ entry: 's1', origin: 'story', storyId: 's1', title: 'Drafts', summary: '', files: [], commit: 'a', score: 1 },
    ...{ at: '2026-01-01T00:00:00Z', pinned: false, edited: false, reverted: null },
  }
  const memory = await world.bus('memory')
  memory.nc.subscribe('memory.search', {
    callback: (_, message) => {
      const { projectId, query } = message.json<{ projectId: string; query: string }>()
      message.respond(JSON.stringify({ hits: projectId === 'p1' && query === 'drafts' ? [hit] : [], files: [] }))
    },
  })
  await memory.nc.flush()

  const { body } = await world.ask<MemoryHit[]>('GET', '/api/memory?q=drafts')

  expect([away.status, body]).toEqual([503, [hit]])
})

test('the ledger is read from the gateway with web’s own secret, of one story if asked', async () => {
  const port = await freePort()
  const entry = { at: '2026-01-01T00:00:00Z', door: 'model', host: 'api.anthropic.com', bytesOut: 1, bytesIn: 2 }
  const asked: unknown[] = []
  const gateway = createServer((req, res) => {
    asked.push([req.url, req.headers.authorization])
    res.end(JSON.stringify([{ ...entry, storyId: null, role: 'analyst', runId: null, outcome: '200' }]))
  }).listen(port, '127.0.0.1')
  await using world = await webWorld({}, { gateway: { url: `http://127.0.0.1:${port}`, secret: 'secret-of-web' } })

  const read = [await world.ask('GET', '/api/ledger'), await world.ask('GET', '/api/ledger?storyId=s%261')]
  gateway.close()
  gateway.closeAllConnections()
  const away = await world.ask('GET', '/api/ledger')

  expect(read.map(({ status }) => status)).toEqual([200, 200])
  expect(asked).toEqual([
    ['/ledger', 'Bearer secret-of-web'],
    ['/ledger?storyId=s%261', 'Bearer secret-of-web'],
  ])
  expect(away.status).toBe(503)
})
