/** The board's order: a column a stage, what waits for the person first. */
import { pipeline } from '@sluice/proto/pipeline.ts'
import type { Card } from '@sluice/proto/rest.ts'

export type ColumnName = Card['stage']
export type Column = { name: ColumnName; cards: Card[] }
export type BoardView = { needed: Card[]; columns: Column[]; cancelled: Card[] }

const columnNames: readonly ColumnName[] = [...pipeline.map(({ stage }) => stage), 'shipped']

/** In a column: who waits for the person, longest first; then who moved last. */
export function boardView(cards: Iterable<Card>): BoardView {
  const all = [...cards]
  const by = Map.groupBy(all, (card) => card.stage)
  return {
    needed: all.filter((card) => card.needsPerson).sort(byLongestWait),
    columns: columnNames.map((name) => ({ name, cards: (by.get(name) ?? []).sort(byUrgency) })),
    cancelled: (by.get('cancelled') ?? []).sort(byLastMoved),
  }
}

// Moments and ids are plain ASCII: compared as such, a thousand cards are in order in a millisecond.
const inOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byLongestWait = (a: Card, b: Card): number => inOrder(a.updated, b.updated) || inOrder(a.id, b.id)
const byLastMoved = (a: Card, b: Card): number => inOrder(b.updated, a.updated) || inOrder(a.id, b.id)

function byUrgency(a: Card, b: Card): number {
  if (a.needsPerson !== b.needsPerson) return a.needsPerson ? -1 : 1
  return a.needsPerson ? byLongestWait(a, b) : byLastMoved(a, b)
}

export type Filter = { words: string; which: 'all' | 'person' | 'working' }
export const everything: Filter = { words: '', which: 'all' }

/** Every word must stand somewhere in what the card says. */
export function matching(cards: Iterable<Card>, { words, which }: Filter): Card[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  const isWanted = (card: Card): boolean => {
    if (which === 'person' && !card.needsPerson) return false
    if (which === 'working' && card.working.length === 0) return false
    if (wanted.length === 0) return true
    const text = [card.title, card.id, card.stage, card.waitingFor, ...card.working].join(' ').toLowerCase()
    return wanted.every((word) => text.includes(word))
  }
  return [...cards].filter(isWanted)
}

/** The part of the budget that is spent, between 0 and 1. */
export const spentPart = ({ usage, budgetUsd }: Pick<Card, 'usage' | 'budgetUsd'>): number =>
  Math.min(1, Math.max(0, usage.costUsd / budgetUsd))
