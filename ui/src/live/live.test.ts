/** Whether the page is live, and what it shows when it was not: the loop over REST and bus, with sources of the test's own. */
import type { Session } from '@sluice/proto/rest.ts'
import { expect, onTestFinished, test } from 'vitest'
import { Refused } from '../api.ts'
import { type Listening, Rewound } from '../bus.ts'
import { told } from '../testing/corpus.ts'
import { type Known, type Live, type Sources, startLive } from './live.ts'
import type { Recorded } from './story-log.ts'

const session = { bus: { url: 'ws://bus', user: 'page', password: 'p' } } as Session

/** A bus whose connections the test opens, feeds and breaks. */
function world(more: Partial<Sources> = {}) {
  const { promise: first, resolve: connected } = Promise.withResolvers<Connection>()
  const waiting: ((connection: Connection) => void)[] = [connected]
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const live = startLive(
    {
      session: async () => session,
      board: async () => ({ sequence: 10, cards: [] }),
      past: async () => [],
      listen: (listening) =>
        new Promise<void>((resolve, reject) => {
          listening.signal.addEventListener('abort', () => resolve())
          waiting.shift()?.({ listening, lose: reject })
        }),
      ...more,
    },
    stop.signal,
  )
  return { live, first, next: () => new Promise<Connection>((resolve) => waiting.push(resolve)) }
}
type Connection = { listening: Listening; lose: (error: unknown) => void }

const until = (live: Live, is: (known: Known) => boolean): Promise<Known> =>
  new Promise((resolve) => {
    const look = () => is(live.known()) && resolve(live.known())
    live.subscribe(look)
    look()
  })
const tell = ({ listening }: Connection, events: readonly Recorded[]) => {
  for (const event of events) listening.onMessage(event)
}

test('the bus is heard from where the board ended, and only then the page is live', async () => {
  const { live, first } = world()
  const { listening } = await first

  expect(listening).toMatchObject({ from: 11, url: 'ws://bus', user: 'page', password: 'p' })
  expect(live.known().connection.state).toBe('connecting')
  listening.onLive()
  expect(live.known().connection.state).toBe('live')
})

test('a story that is heard stands on the board', async () => {
  const { live, first } = world()
  tell(await first, told('s1', 11).slice(0, 4))

  const { cards } = await until(live, ({ cards }) => cards?.get('s1')?.sequence === 14)

  expect(cards?.get('s1')).toMatchObject({ stage: 'scope', needsPerson: true })
})

test('a lost connection is said at once, and since when', async () => {
  const { live, first } = world()
  const connection = await first
  connection.listening.onLive()

  connection.lose(new Error('gone'))

  const { connection: now } = await until(live, (known) => known.connection.state === 'away')
  expect(now).toMatchObject({ state: 'away', why: 'The bus does not answer.' })
})

test('back again, it goes on after the last event it heard, and what it showed stays', async () => {
  const { live, first, next } = world()
  const connection = await first
  const again = next()
  tell(connection, told('s1', 11).slice(0, 4))
  await until(live, ({ cards }) => cards?.has('s1') === true)

  connection.lose(new Error('gone'))

  const { listening } = await again
  expect(listening.from).toBe(15)
  expect(live.known().cards?.has('s1')).toBe(true)
  expect(live.known().connection.state).toBe('away')
})

test('another stream than before: everything is read anew', async () => {
  const { live, first, next } = world()
  const connection = await first
  const again = next()
  tell(connection, told('s1', 11).slice(0, 4))
  await until(live, ({ cards }) => cards?.has('s1') === true)

  connection.lose(new Rewound('The stream begins anew.'))

  const { listening } = await again
  expect(listening.from).toBe(11)
  expect(live.known()).toMatchObject({ epoch: 1, cards: new Map() })
})

test('without a session nothing is asked for any more', async () => {
  let asked = 0
  const { live } = world({
    session: async () => {
      asked++
      throw new Refused(401, { error: 'no', mend: 'open the address' })
    },
  })

  await until(live, ({ connection }) => connection.state === 'signed-out')

  expect(asked).toBe(1)
})

test('who listens to events is given each of them once', async () => {
  const { live, first } = world()
  const heard: number[] = []
  live.onEvents((events) => heard.push(...events.map(({ sequence }) => sequence)))

  tell(await first, told('s1', 11).slice(0, 3))

  await until(live, ({ cards }) => cards?.has('s1') === true)
  expect(heard).toEqual([11, 12, 13])
})
