/** Seats and replicas over REST: what becomes an event, what new stories are asked, what is refused. */
import { readAll } from '@sluice/kit/follow.ts'
import type { SeatView, ServiceView } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { webWorld } from './testing/world.ts'

const external = { kind: 'external' } as const

/** A world whose supervisor does as it is told, and writes down what that was. */
async function supervised(over: Parameters<typeof webWorld>[1] = {}) {
  const world = await webWorld({}, over)
  const { nc } = await world.bus('supervisor')
  const told: unknown[] = []
  const answers = { no: null as { error: string; mend: string } | null, builds: 4 }
  const seatNow = (asked: object) => ({ state: 'unknown', pending: 0, file: '/f', sitting: external, ...asked })
  nc.subscribe('command.*', {
    callback: (_, message) => {
      const asked = message.json<{ do?: string; seat?: string; sitting?: object }>()
      told.push(asked)
      const { do: verb, ...what } = asked
      const seats = { seats: [seatNow({ seat: 'security' }), seatNow({ seat: 'acme' })] }
      const done = verb === 'list' ? seats : verb === 'remove' ? { removed: what.seat } : { seat: seatNow(what) }
      const scaled = { builds: answers.builds, services: [] }
      message.respond(JSON.stringify(answers.no ?? (message.subject === 'command.scale' ? scaled : done)))
    },
  })
  await nc.flush()
  const said = async (type: string) => {
    const all = await readAll(await world.bus('orchestrator'), `project.p1.${type}.web`)
    return all.map(({ event }) => event.data)
  }
  return Object.assign(world, { told, answers, said })
}

const seatsOf = async (world: Awaited<ReturnType<typeof webWorld>>) =>
  (await world.story(await world.submit())).policy.seats

test('an added seat is needed by every story from there on, one that is removed by none', async () => {
  await using world = await supervised()
  const before = await seatsOf(world)
  const { status, body } = await world.ask<SeatView>('POST', '/api/reviewers', {
    json: { seat: 'acme', sitting: external },
  })
  const id = await world.submit()
  const needing = (await world.story(id)).policy.seats

  const refused = await world.ask('DELETE', '/api/reviewers/acme')
  await world.command(id, 'cancel', {})
  const removed = await world.ask('DELETE', '/api/reviewers/acme')

  expect([status, body]).toEqual([201, expect.objectContaining({ seat: 'acme', sitting: external, required: true })])
  expect([before, needing, await seatsOf(world)]).toEqual([
    ['checks', 'security', 'refactor', 'generic'],
    ['checks', 'security', 'refactor', 'generic', 'acme'],
    ['checks', 'security', 'refactor', 'generic'],
  ])
  expect(refused).toMatchObject({ status: 409, body: { error: `A running story needs the verdict of acme: ${id}.` } })
  expect(removed.status).toBe(204)
  expect(world.told).toEqual([
    { do: 'add', seat: 'acme', sitting: external },
    { do: 'remove', seat: 'acme' },
  ])
})

test('a swap is said once it is done, and again only when it is somebody else', async () => {
  await using world = await supervised()
  const swap = (sitting: object) => world.ask('POST', '/api/reviewers/security/swap', { json: { sitting } })
  const generic = { kind: 'builtin', program: 'generic' }

  const statuses = [await swap(generic), await swap(generic), await swap(external)].map(({ status }) => status)

  expect(statuses).toEqual([200, 200, 200])
  expect(await world.said('seat.filled')).toEqual([
    { seat: 'security', sitting: generic, required: true },
    { seat: 'security', sitting: external, required: true },
  ])
})

test('what the supervisor refuses is refused in its words, and no event says otherwise', async () => {
  await using world = await supervised()
  world.answers.no = { error: 'There is no program x that could be run.', mend: 'Name it by its path.' }
  const sitting = { kind: 'command', command: ['x'], directory: '/' }

  const { status, body } = await world.ask('POST', '/api/reviewers', { json: { seat: 'acme', sitting } })

  expect([status, body]).toEqual([409, world.answers.no])
  expect(await world.said('seat.filled')).toEqual([])
})

test('the checks stay', async () => {
  await using world = await supervised()

  const { status, body } = await world.ask('DELETE', '/api/reviewers/checks')

  expect([status, body.error]).toEqual([409, 'The seat checks stays: nothing lands without the project’s own checks.'])
  expect(world.told).toEqual([])
})

test('the list says of each seat whether new stories need it', async () => {
  await using world = await supervised()

  const { body } = await world.ask<SeatView[]>('GET', '/api/reviewers')

  expect(body.map(({ seat, required }) => [seat, required])).toEqual([
    ['security', true],
    ['acme', false],
  ])
})

test('a token that a seat was given is good at once, and the one before is not', async () => {
  const token = (letter: string) => letter.repeat(20)
  let tokens = { [token('a')]: 'security' }
  await using world = await supervised({ roleTokens: async () => tokens })
  const put = async (bearer: string) => {
    const headers = { authorization: `Bearer ${bearer}` }
    const x = '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881'
    return (await world.ask('PUT', `/artifacts/${x}`, { body: 'x', headers })).status
  }
  await world.ask('GET', '/api/reviewers')
  const before = [await put(token('a')), await put(token('b'))]
  tokens = { [token('b')]: 'security' }

  await world.ask('POST', '/api/reviewers/security/swap', { json: { sitting: external } })

  expect([before, await put(token('a')), await put(token('b'))]).toEqual([[200, 401], 401, 200])
})

test('as many builds may run as there are implementers, said when it is another number', async () => {
  await using world = await supervised()
  world.answers.builds = 6
  const scale = () => world.ask<ServiceView[]>('POST', '/api/services/implementer/scale', { json: { replicas: 6 } })

  const statuses = [await scale(), await scale()].map(({ status }) => status)

  expect(statuses).toEqual([200, 200])
  expect(await world.said('project.limited')).toEqual([{ builds: 6 }])
  expect(world.told).toEqual(Array(2).fill({ name: 'implementer', replicas: 6 }))
})

test('without a supervisor nothing changes and the mend is said', async () => {
  await using world = await webWorld()

  const { status, body } = await world.ask('POST', '/api/reviewers', { json: { seat: 'acme', sitting: external } })

  expect([status, body.error]).toEqual([503, 'Nobody supervises the services.'])
})
