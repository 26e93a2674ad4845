/** Whether the page is live, and what it shows when it was not: the loop over REST and bus, with sources of the test's own. */
import { cardSubject, FOLDED_KEY } from '@sluice/proto/cards.ts'
import { noUsage } from '@sluice/proto/parts.ts'
import type { Card, Session } from '@sluice/proto/rest.ts'
import { expect, onTestFinished, test } from 'vitest'
import { Refused } from '../api.ts'
import type { Connected, Following, Heard, Listening } from '../bus.ts'
import { told } from '../testing/corpus.ts'
import { type Known, type Live, type Sources, startLive, type Told } from './live.ts'

const session = { bus: { url: 'ws://bus', user: 'page', password: 'p' } } as Session
const card = (id: string, more: Partial<Card> = {}): Card => ({
  ...{ id, projectId: 'p', title: id, stage: 'scope', status: 'running', waitingFor: null, needsPerson: false },
  ...{ working: [], round: 0, usage: noUsage, budgetUsd: 5, auto: false, commit: null, sequence: 1 },
  ...{ submitted: '2026-01-01T00:00:00.000Z', updated: '2026-01-01T00:00:00.000Z' },
  ...more,
})

type Connection = {
  cards(...cards: Card[]): void
  folded(sequence: number): void
  caughtUp(stream?: string): void
  story(events: readonly Heard[]): void
  lose(error: unknown): void
  following: Following[]
}

/** A bus whose connections the test opens, feeds and breaks; STORY ends at `last`. */
function world(more: Partial<Sources> & { last?: number } = {}) {
  const opened: Connection[] = []
  const waiting: ((connection: Connection) => void)[] = []
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  const listen = (listening: Listening) =>
    new Promise<void>((resolve, reject) => {
      listening.signal.addEventListener('abort', () => resolve())
      const following: Following[] = []
      const of = (stream: string) => following.filter((one) => one.stream === stream)
      const tell = (stream: string, heard: readonly Heard[]) => {
        for (const one of of(stream)) for (const message of heard) one.onMessage(message)
      }
      const says = (key: string, body: unknown) => [{ sequence: 1, subject: cardSubject(key), body }]
      const connection: Connection = {
        following,
        cards: (...cards) =>
          tell(
            'KV_cards',
            cards.flatMap((one) => says(one.id, one)),
          ),
        folded: (sequence) => tell('KV_cards', says(FOLDED_KEY, { sequence })),
        caughtUp(stream = 'KV_cards') {
          for (const one of of(stream)) one.onCaughtUp()
        },
        story: (events) => tell('STORY', events),
        lose: reject,
      }
      const connected: Connected = {
        follow(one) {
          following.push(one)
          if (one.stream === 'KV_cards') {
            opened.push(connection)
            waiting.shift()?.(connection)
          }
          return () => void following.splice(following.indexOf(one), 1)
        },
        watch: () => () => {},
        lastSequence: async () => more.last ?? 10,
      }
      listening.onOpen(connected)
    })
  const live = startLive({ session: async () => session, listen, checkMs: 20, ...more }, stop.signal)
  const next = () => new Promise<Connection>((resolve) => waiting.push(resolve))
  return { live, first: next(), next }
}

const until = (live: Live, is: (known: Known) => boolean): Promise<Known> =>
  new Promise((resolve) => {
    const look = () => is(live.known()) && resolve(live.known())
    live.subscribe(look)
    look()
  })
const isLive = ({ connection }: Known) => connection.state === 'live'
const isAway = ({ connection }: Known) => connection.state === 'away'

/** A page that is live with these cards. */
async function lived(cards: Card[] = []) {
  const it = world()
  const connection = await it.first
  connection.cards(...cards)
  connection.folded(10)
  connection.caughtUp()
  await until(it.live, isLive)
  return { ...it, connection }
}

test('it is live when the cards are all there and hold all that was recorded, not before', async () => {
  const { live, first } = world()
  const connection = await first
  connection.cards(card('s1'))
  connection.folded(9)

  connection.caughtUp()
  const [behind, shown] = [live.known().connection.state, live.known().cards?.has('s1')]
  connection.folded(10)

  await until(live, isLive)
  expect([behind, shown]).toEqual(['connecting', true])
})

test('cards that nobody has written yet are no empty board', async () => {
  const { live, first } = world()
  const connection = await first

  connection.caughtUp()

  expect(live.known().cards).toBeNull()
})

test('where nobody writes cards while events are recorded, the page says that it is not live, until they are there', async () => {
  const { live, first } = world()
  const connection = await first
  connection.folded(9)
  connection.caughtUp()

  const { connection: now } = await until(live, isAway)
  connection.folded(10)

  expect(now).toMatchObject({ why: expect.stringContaining('orchestrator') })
  await until(live, isLive)
})

test('a card that changes is shown, one that is emptied goes, and cards that stay are the same', async () => {
  const { live, connection } = await lived([card('stays'), card('moves'), card('goes')])
  const before = live.known().cards

  connection.cards(card('moves', { stage: 'design' }))
  connection.following[0]?.onMessage({ sequence: 9, subject: cardSubject('goes'), body: null })

  const { cards } = await until(live, (known) => known.cards?.get('moves')?.stage === 'design')
  expect([cards?.has('goes'), cards?.get('stays') === before?.get('stays')]).toEqual([false, true])
})

test('a lost connection is said at once; back again, what it showed stays until all is there anew', async () => {
  const { live, connection, next } = await lived([card('old')])
  const heard: Told[] = []
  live.story('s1', (told) => heard.push(told))
  const again = next()

  connection.lose(new Error('gone'))

  expect((await until(live, isAway)).connection).toMatchObject({ why: 'The bus does not answer.' })
  const second = await again
  second.cards(card('new'))
  second.folded(10)
  second.caughtUp('STORY')
  second.story(told('s1').slice(0, 1))
  // By then the page has looked at the cards too: they came first.
  await expect.poll(() => heard.length).toBe(2)
  expect([...(live.known().cards?.keys() ?? [])]).toEqual(['old'])
  second.caughtUp()
  expect([...((await until(live, isLive)).cards?.keys() ?? [])]).toEqual(['new'])
})

test('a story is told from its first event, then as it goes on; after a break anew, and only then the page is live', async () => {
  const { live, connection, next } = await lived()
  const heard: Told[] = []
  const hearing = (n: number) => expect.poll(() => heard.length).toBe(n)
  live.story('s1', (told) => heard.push(told))
  const all = told('s1')
  connection.story(all.slice(0, 4))
  connection.caughtUp('STORY')
  connection.story(all.slice(4, 5))
  await hearing(2)

  const again = next()
  connection.lose(new Error('gone'))
  const second = await again
  second.folded(10)
  second.caughtUp()
  second.story(all.slice(0, 6))
  const before = live.known().connection.state
  second.caughtUp('STORY')

  await until(live, isLive)
  expect(heard.map(({ anew, heard }) => [anew, heard.length])).toEqual([
    [true, 4],
    [false, 1],
    [true, 6],
  ])
  expect(before).toBe('away')
})

test('a story without an event is told to be empty', async () => {
  const { live, connection } = await lived()
  const heard: Told[] = []
  live.story('nobody', (told) => heard.push(told))

  connection.caughtUp('STORY')

  expect(heard).toEqual([{ anew: true, heard: [] }])
})

test('a token that is none ends it: no request is made again and again', async () => {
  let asked = 0
  const { live } = world({
    session: async () => {
      asked += 1
      throw new Refused(401, { error: 'This needs the session token.', mend: 'Open the address.' })
    },
  })

  await until(live, ({ connection }) => connection.state === 'signed-out')

  expect(asked).toBe(1)
})
