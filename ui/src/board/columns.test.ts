/** The order in which a board shows its stories. */
import { noUsage } from '@sluice/proto/parts.ts'
import type { Card } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { boardView, everything, matching, spentPart } from './columns.ts'

const card = (id: string, more: Partial<Card> = {}): Card => ({
  id,
  projectId: 'p',
  title: id,
  stage: 'scope',
  status: 'running',
  waitingFor: null,
  needsPerson: false,
  working: [],
  round: 0,
  usage: noUsage,
  budgetUsd: 5,
  auto: false,
  submitted: '2026-01-01T00:00:00.000Z',
  updated: '2026-01-01T00:00:00.000Z',
  commit: null,
  sequence: 1,
  ...more,
})
const at = (minute: number): string => `2026-01-01T00:0${minute}:00.000Z`

test('a column a stage, in the order of the line, also where it is empty', () => {
  const { columns } = boardView([card('a', { stage: 'review' })])

  expect(columns.map(({ name, cards }) => [name, cards.length])).toEqual([
    ['scope', 0],
    ['design', 0],
    ['architecture', 0],
    ['implementation', 0],
    ['review', 1],
    ['release', 0],
    ['shipped', 0],
  ])
})

test('who has waited longest for the person comes first, in whatever stage', () => {
  const { needed } = boardView([
    card('late', { needsPerson: true, updated: at(5) }),
    card('works', { updated: at(1) }),
    card('long', { needsPerson: true, updated: at(2), stage: 'review' }),
  ])

  expect(needed.map(({ id }) => id)).toEqual(['long', 'late'])
})

test('in a column the person is asked first, then what moved last', () => {
  const { columns } = boardView([
    card('old', { updated: at(1) }),
    card('new', { updated: at(4) }),
    card('asks', { needsPerson: true, updated: at(2) }),
  ])

  expect(columns[0]?.cards.map(({ id }) => id)).toEqual(['asks', 'new', 'old'])
})

test('cancelled stories stand apart', () => {
  const { columns, cancelled } = boardView([card('x', { stage: 'cancelled', status: 'cancelled' })])

  expect(cancelled.map(({ id }) => id)).toEqual(['x'])
  expect(columns.flatMap(({ cards }) => cards)).toEqual([])
})

test('more than the budget is shown as all of it', () => {
  expect(spentPart({ usage: { ...noUsage, costUsd: 7 }, budgetUsd: 5 })).toBe(1)
  expect(spentPart({ usage: { ...noUsage, costUsd: 1 }, budgetUsd: 4 })).toBe(0.25)
})

test('every word that is searched for stands in the card, in its title or beside it', () => {
  const cards = [
    card('s-1', { title: 'Keep drafts', working: ['analyst'] }),
    card('s-2', { title: 'Keep notes', needsPerson: true, waitingFor: 'Approve design or send it back.' }),
  ]
  const found = (words: string) => matching(cards, { ...everything, words }).map(({ id }) => id)

  expect([found(''), found('KEEP dra'), found('approve keep'), found('s-2'), found('keep nothing')]).toEqual([
    ['s-1', 's-2'],
    ['s-1'],
    ['s-2'],
    ['s-2'],
    [],
  ])
  expect(matching(cards, { ...everything, which: 'person' }).map(({ id }) => id)).toEqual(['s-2'])
  expect(matching(cards, { ...everything, which: 'working' }).map(({ id }) => id)).toEqual(['s-1'])
})
