/** The board on the bus: how often a card is written, by whom, and that the last state stands there in the end. */
import { CARDS, cardSubject, FOLDED_KEY } from '@sluice/proto/cards.ts'
import { noUsage } from '@sluice/proto/parts.ts'
import type { Card } from '@sluice/proto/rest.ts'
import pino from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Bus } from './bus.ts'
import { openCards } from './cards.ts'
import { startBroker } from './testing/broker.ts'

const card = (id: string, sequence: number): Card => ({
  ...{ id, projectId: 'p', title: id, stage: 'scope', status: 'running', waitingFor: null, needsPerson: false },
  ...{ working: [], round: 0, usage: noUsage, budgetUsd: 5, auto: false, commit: null, sequence },
  ...{ submitted: '2026-01-01T00:00:00.000Z', updated: '2026-01-01T00:00:00.000Z' },
})

async function world() {
  const broker = await startBroker([])
  const stop = new AbortController()
  onTestFinished(async () => {
    stop.abort()
    await broker[Symbol.asyncDispose]()
  })
  const bus = await broker.connect('orchestrator')
  return {
    broker,
    open: (over: Bus = bus) => openCards(over, { log: pino({ level: 'silent' }), signal: stop.signal }),
    bus,
    at: async (key: string) => (await bus.last(`KV_${CARDS}`, cardSubject(key)))?.data,
    revision: async (key: string) => (await bus.last(`KV_${CARDS}`, cardSubject(key)))?.sequence,
  }
}

test('a burst is one write, of its last state, and then it is said how far the cards go', async () => {
  const { open, bus, at } = await world()
  const puts: string[] = []
  const counted: Bus['put'] = (subject, ...rest) => {
    puts.push(subject)
    return bus.put(subject, ...rest)
  }
  const cards = open({ ...bus, put: counted })
  cards.begin([])

  for (let n = 1; n <= 50; n += 1) cards.changed('s1', n, () => card('s1', n))
  cards.seen(51)

  await vi.waitFor(async () => expect(await at(FOLDED_KEY)).toEqual({ sequence: 51 }))
  expect(await at('s1')).toMatchObject({ sequence: 50 })
  expect(puts.filter((subject) => subject === cardSubject('s1'))).toHaveLength(1)
})

test('begun again, only what is missing or behind is written, and a story nobody knows is emptied', async () => {
  const { open, at, revision } = await world()
  const first = open()
  first.begin([card('same', 1), card('behind', 2), card('gone', 3)])
  first.seen(3)
  await vi.waitFor(async () => expect(await at(FOLDED_KEY)).toEqual({ sequence: 3 }))
  const before = await revision('same')

  const second = open()
  second.seen(5)
  second.begin([card('same', 1), card('behind', 4), card('missing', 5)])

  await vi.waitFor(async () => expect(await at(FOLDED_KEY)).toEqual({ sequence: 5 }))
  expect(await Promise.all(['behind', 'missing'].map(at))).toMatchObject([{ sequence: 4 }, { sequence: 5 }])
  expect([await at('gone'), await revision('same')]).toEqual([null, before])
})

test('of two writers the one that has seen less writes over nothing', async () => {
  const { open, at } = await world()
  const [ahead, late] = [open(), open()]
  for (const one of [ahead, late]) one.begin([])
  late.seen(1)
  ahead.changed('s1', 9, () => card('s1', 9))
  ahead.seen(9)
  await vi.waitFor(async () => expect(await at(FOLDED_KEY)).toEqual({ sequence: 9 }))

  late.changed('s1', 7, () => card('s1', 7))
  late.changed('s2', 8, () => card('s2', 8))

  await vi.waitFor(async () => expect(await at('s2')).toMatchObject({ sequence: 8 }))
  expect([await at('s1'), await at(FOLDED_KEY)]).toMatchObject([{ sequence: 9 }, { sequence: 9 }])
})
