/** The orchestrator on a real bus: restarts, twins, slots, cancelled stories. */
import { type Bus, readMessage } from '@sluice/kit/bus.ts'
import { readAll } from '@sluice/kit/follow.ts'
import { takeLease } from '@sluice/kit/lease.ts'
import { record } from '@sluice/kit/record.ts'
import { startBroker } from '@sluice/kit/testing/broker.ts'
import { CARDS, cardSubject } from '@sluice/proto/cards.ts'
import type { EventType } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import * as events from '@sluice/proto/events.ts'
import pino from 'pino'
import { expect, test } from 'vitest'
import { orchestrate } from './orchestrator.ts'
import { answers, fold, person, submitted } from './testing/world.ts'

const log = pino({ level: process.env.SLUICE_LOG ?? 'silent' })

test('a story submitted while no orchestrator lives is taken up by the next', async () => {
  await using world = await open()
  await world.publish(submitted())

  world.start()

  await world.until('s1', 'scope.requested')
})

test('an orchestrator that comes back asks for nothing twice', async () => {
  await using world = await open()
  const first = world.start()
  await world.publish(submitted())
  await world.until('s1', 'scope.requested')
  first.abort()

  world.start()
  await world.play('s1', ['gate.opened'])

  expect(await world.count('s1', 'scope.requested')).toBe(1)
})

test('two orchestrators at once are one', async () => {
  await using world = await open()
  world.start()
  world.start()

  await world.publish(submitted())
  await world.play('s1', ['story.shipped'])

  const log = await world.log('s1')
  const ids = log.map((event) => event.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(log.filter((e) => e.type === 'build.requested')).toHaveLength(1)
})

test('builds beyond the slots of the project wait, and are asked when one is given back', async () => {
  await using world = await open()
  await world.publish(limited(1))
  world.start()
  const [one, two] = [storyNamed('one'), storyNamed('two')]
  await world.publish(one)
  await world.publish(two)

  await world.play('one', ['build.requested'])
  await world.play('two', ['gate.approved architecture'])
  expect(await world.count('two', 'build.requested')).toBe(0)
  await world.play('one', ['build.completed'])

  await world.until('two', 'build.requested')
})

test('one story at a time has the merge turn', async () => {
  await using world = await open()
  world.start()
  for (const id of ['one', 'two']) {
    await world.publish(storyNamed(id))
    await world.play(id, ['gate.approved review'])
  }

  await world.until('one', 'release.requested')
  await world.play('one', ['review.requested landing'])
  expect(await world.count('two', 'release.requested')).toBe(0)
  await world.play('one', ['story.shipped'])

  await world.until('two', 'release.requested')
})

test('a cancelled story’s request is taken out of every hand', async () => {
  await using world = await open()
  world.start()
  await world.publish(submitted())
  const request = await world.until('s1', 'scope.requested')
  const told = Promise.withResolvers<void>()
  const analyst = await world.broker.connect('supervisor')
  analyst.nc.subscribe(`ctl.analyst.s1.${request.id}`, { callback: () => told.resolve() })
  await analyst.nc.flush()

  await world.publish(say('s1', events.StoryCancelled, { reason: 'changed my mind' }))

  await told.promise
  const role: Bus = { ...(await world.broker.connect('supervisor')), source: 'analyst' }
  expect(await takeLease(role, request.id, 'late')).toEqual({ revoked: 'cancelled' })
})

test('every story has its card; what happened while no orchestrator lived is in it once one does', async () => {
  await using world = await open()
  const first = world.start()
  await world.publish(submitted())
  await world.play('s1', ['gate.opened'])
  await expect.poll(() => world.card('s1')).toMatchObject({ stage: 'scope', needsPerson: true })
  first.abort()

  await world.publish(say('s1', events.StoryCancelled, { reason: 'changed my mind' }))
  await world.publish(storyNamed('two'))
  world.start()

  await expect.poll(() => world.card('s1')).toMatchObject({ stage: 'cancelled', status: 'cancelled' })
  await expect.poll(() => world.card('two')).toMatchObject({ stage: 'scope', working: ['analyst'] })
})

test('what nobody may say is not acted upon', async () => {
  await using world = await open()
  world.start()
  await world.publish(submitted())
  await world.play('s1', ['gate.opened'])
  const gate = fold(await world.log('s1')).gate

  const forged = record({
    ...{
      type: events.GateApproved,
      source: 'analyst',
      projectId: 'p1',
      storyId: 's1',
      cause: gate?.event ?? null,
      now: new Date(),
    },
    data: { gate: 'scope', digest: gate?.digest ?? '', by: 'person' as const },
  })
  await world.publish(forged as Event)
  await world.publish(say('s1', events.BudgetRaised, { budgetUsd: 9 }))
  await world.until('s1', 'budget.raised')

  expect(await world.count('s1', 'policy.frozen')).toBe(0)
})

test.for<[string, (verdict: Event) => unknown, RegExp]>([
  ['is no JSON', () => 'I approve!', /not JSON/],
  [
    'lacks what a verdict has',
    (e) => ({ ...e, data: { request: (e.data as { request: string }).request } }),
    /verdict/,
  ],
  ['carries the id of another event', (e) => ({ ...e, id: e.causationId }), /said before/],
])('a verdict that %s fails its seat at once, and is asked for again by retry', async ([, broken, reason]) => {
  await using world = await open()
  const first = world.start()
  await world.publish(submitted())
  await world.play('s1', ['review.requested'])
  const request = await world.until('s1', 'review.requested')
  const [verdict] = answers([request], {}, 1).filter(({ source }) => source === 'security') as [Event]
  // Nobody listens at that moment: it is found when the log is read again.
  first.abort()
  const security = await world.broker.connect('supervisor')
  await security.js.publish('story.s1.review.completed.security', asText(broken(verdict)))

  world.start()

  const refused = await world.until('s1', 'answer.refused')
  expect(refused.data).toMatchObject({ request: request.id, role: 'security', reason: expect.stringMatching(reason) })
  await world.publish(say('s1', events.StoryRetried, {}))
  await world.play('s1', ['gate.opened review'])
  expect(await world.count('s1', 'answer.refused')).toBe(1)
})

const asText = (said: unknown): string => (typeof said === 'string' ? said : JSON.stringify(said))

test('garbage that names an older request, or comes from who was not asked, fails nobody', async () => {
  await using world = await open()
  world.start()
  await world.publish(submitted())
  await world.play('s1', ['review.requested'])
  const log = await world.log('s1')
  const scope = log.find(({ type }) => type === 'scope.requested')
  const forger = await world.broker.connect('supervisor')
  const late = JSON.stringify({ data: { request: scope?.id } })

  await forger.js.publish('story.s1.review.completed.security', late)
  await forger.js.publish('story.s1.scope.completed.analyst', 'garbage')
  await forger.js.publish('story.s1.review.requested.orchestrator', 'garbage')

  await world.play('s1', ['gate.opened review'])
  expect(await world.count('s1', 'answer.refused')).toBe(0)
})

// ── the world of these tests ─────────────────────────────────────────────────

const say = (storyId: string, type: EventType, data: unknown): Event =>
  record({
    type,
    source: 'web',
    projectId: 'p1',
    storyId,
    cause: null,
    n: Math.random(),
    data,
    now: new Date(),
  }) as Event

const limited = (builds: number): Event => {
  const common = { source: 'web', projectId: 'p1', cause: null, now: new Date() }
  return record({ ...common, type: events.ProjectLimited, data: { builds } }) as Event
}

const storyNamed = (storyId: string): Event => {
  const template = submitted()
  return record({
    type: events.StorySubmitted,
    source: 'web',
    projectId: 'p1',
    storyId,
    cause: null,
    data: template.data as never,
    now: new Date(),
  }) as Event
}

async function open() {
  const broker = await startBroker([])
  const all = await broker.connect('supervisor')
  const running: { abort: AbortController; done: Promise<void> }[] = []
  // `project.attached` first: limits of a project nobody attached do not count.
  const attached = { name: 'p', root: '/r', base: 'main', demo: false }
  await all.publish(
    record({
      type: events.ProjectAttached,
      source: 'web',
      projectId: 'p1',
      cause: null,
      data: attached,
      now: new Date(),
    }),
  )

  const of = async (storyId: string) => (await readAll(all, `story.${storyId}.>`)).map(({ event }) => event)
  const matches = (event: Event, what: string) => {
    const [type, detail] = what.split(' ')
    if (event.type !== type) return false
    if (event.type === 'gate.approved' || event.type === 'gate.opened') return !detail || event.data.gate === detail
    return event.type !== 'review.requested' || !detail || event.data.landing === true
  }

  const world = {
    broker,
    publish: (event: Event) => all.publish(event),
    log: of,
    card: async (storyId: string) => (await all.last(`KV_${CARDS}`, cardSubject(storyId)))?.data,
    count: async (storyId: string, type: string) => (await of(storyId)).filter((e) => e.type === type).length,
    start() {
      const abort = new AbortController()
      const done = broker.connect('orchestrator').then((bus) => orchestrate({ bus, log, signal: abort.signal }))
      running.push({ abort, done })
      return abort
    },
    async until(storyId: string, what: string): Promise<Event> {
      const consumer = await all.js.consumers.get('STORY', { filter_subjects: `story.${storyId}.>` })
      for await (const message of await consumer.consume()) {
        const parsed = readMessage(message)
        if (parsed.kind === 'event' && matches(parsed.event, what)) return parsed.event
      }
      throw new Error('The stream ended.')
    },
    /** Answers and approves, one thing at a time, until all that is named has happened. */
    async play(storyId: string, until: string[]): Promise<void> {
      for (let n = 0; n < 100; n++) {
        const log = await of(storyId)
        if (until.every((what) => log.some((event) => matches(event, what)))) return
        const next = nextMove(log, n)
        if (next) await all.publish(next)
        else await new Promise((resolve) => setTimeout(resolve, 20))
      }
      throw new Error(
        `${storyId} did not come to ${until.join(', ')}: ${(await of(storyId)).map((e) => e.type).join(' ')}`,
      )
    },
    async [Symbol.asyncDispose]() {
      for (const { abort } of running) abort.abort()
      await Promise.all(running.map(({ done }) => done.catch(() => undefined)))
      await broker[Symbol.asyncDispose]()
    },
  }
  return world
}

/** An answer to what is open, else the person's next step at an open gate. */
function nextMove(log: Event[], n: number): Event | null {
  if (log.length === 0) return null
  const story = fold(log)
  const storyId = story.id
  const named = (event: Event): Event => ({ ...event, storyId, id: `${event.id.slice(0, 12)}-${storyId}-${n}` })
  const open = log.filter((event) => {
    const step = Object.values(story.steps).concat(Object.values(story.seats) as never[])
    return step.some((s) => s.at === 'asked' && s.request === event.id)
  })
  const unanswered = answers(open, {}, n).filter((answer) => isOpenFor(story, answer))
  if (unanswered[0]) return named(unanswered[0])
  const approval = story.gate ? person(log, n).at(-1) : undefined
  return approval ? named(approval) : null
}

function isOpenFor(story: ReturnType<typeof fold>, answer: Event): boolean {
  const seat = story.seats[answer.source]
  return seat ? seat.at === 'asked' && seat.request === (answer.data as { request: string }).request : true
}
