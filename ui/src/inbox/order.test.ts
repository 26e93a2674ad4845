/** The order of the inbox: what a decision sets most going comes first. */
import type { Card, ParkedView } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { afterLeaving, itemsOf, kindOf, nameOf, type Want } from './order.ts'

const card = (id: string, want: Partial<Want> | null, updated = '2026-01-01T00:00:00Z') =>
  ({
    ...{ id, needsPerson: want !== null, updated },
    ...(want ? { wants: { kind: 'gate', since: '2026-01-01T10:00:00Z', ...want } } : {}),
  }) as Card
const parked = (sequence: number, storyId: string) => ({ sequence, storyId, at: '2026-01-01T00:00:00Z' }) as ParkedView

test('stopped work comes first, then the gate nearest to shipping, then what has waited longest', () => {
  const cards = [
    card('scope', { gate: 'scope', since: '2026-01-01T01:00:00Z' }),
    card('design', { gate: 'design' }),
    card('review late', { gate: 'review', since: '2026-01-01T12:00:00Z' }),
    card('review', { gate: 'review' }),
    card('poor', { kind: 'budget', since: '2026-01-01T11:00:00Z' }),
    card('asks', { kind: 'questions' }),
    card('busy', null),
  ]

  const items = itemsOf(cards, [parked(7, 'elsewhere'), parked(8, 'poor')])

  expect(items.map(nameOf)).toEqual(['asks', 'poor', 'review', 'review late', 'design', 'scope', 'parked-7'])
  expect(items.map(kindOf).slice(0, 3)).toEqual(['Answer', 'Budget', 'Approve review'])
})

test('what a story wants next is another item than what it wanted', () => {
  const [first] = itemsOf([card('s', { gate: 'scope' })], [])
  const [next] = itemsOf([card('s', { gate: 'scope', since: '2026-01-02T00:00:00Z' })], [])

  expect(first?.key).not.toBe(next?.key)
})

test('after one has left, the next is looked at; after the last, the one before', () => {
  expect(afterLeaving(['a', 'b', 'c'], 'b', ['a', 'c'])).toBe('c')
  expect(afterLeaving(['a', 'b', 'c'], 'c', ['new', 'a', 'b'])).toBe('b')
  expect(afterLeaving(['a'], 'a', [])).toBeUndefined()
})
