/** The board's cards as the bus tells them: read anew on each connection, shown when they are all there. Pure. */
import { FOLDED_KEY, FoldedTo, keyIn } from '@sluice/proto/cards.ts'
import { Card } from '@sluice/proto/rest.ts'
import type { Heard } from '../bus.ts'

export type Cards = ReadonlyMap<string, Card>
/** `foldedTo`: every event up to there stands in a card; null where nobody has said so yet. */
export type BoardState = { cards: Cards; foldedTo: number | null }

export const noCards: BoardState = { cards: new Map(), foldedTo: null }

/** The same cards where none changed: a board is drawn anew only when it is another. */
export function withHeard(board: BoardState, heard: readonly Heard[]): BoardState {
  let foldedTo = board.foldedTo
  const cards = new Map(board.cards)
  let changed = false
  for (const { subject, body } of heard) {
    const key = keyIn(subject)
    if (key === FOLDED_KEY) {
      foldedTo = FoldedTo.safeParse(body).data?.sequence ?? foldedTo
      continue
    }
    const card = Card.safeParse(body)
    changed = card.success || cards.has(key) || changed
    if (card.success) cards.set(key, card.data)
    else cards.delete(key)
  }
  return { cards: changed ? cards : board.cards, foldedTo }
}
