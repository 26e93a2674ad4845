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

const byLongestWait = (a: Card, b: Card): number => a.updated.localeCompare(b.updated) || a.id.localeCompare(b.id)
const byLastMoved = (a: Card, b: Card): number => b.updated.localeCompare(a.updated) || a.id.localeCompare(b.id)

function byUrgency(a: Card, b: Card): number {
  if (a.needsPerson !== b.needsPerson) return a.needsPerson ? -1 : 1
  return a.needsPerson ? byLongestWait(a, b) : byLastMoved(a, b)
}

/** The part of the budget that is spent, between 0 and 1. */
export const spentPart = ({ usage, budgetUsd }: Pick<Card, 'usage' | 'budgetUsd'>): number =>
  Math.min(1, Math.max(0, usage.costUsd / budgetUsd))
