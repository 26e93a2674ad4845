/** The board's cards kept current by events: a story is folded when it first moves, and only then. */
import { cardOf } from '@sluice/proto/card.ts'
import { parseEvent } from '@sluice/proto/events.ts'
import type { Card } from '@sluice/proto/rest.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import { type Recorded, storyIdOf } from './story-log.ts'

export type Cards = ReadonlyMap<string, Card>
type Folded = { story: Story | null; sequence: number }

export type BoardFold = {
  /** Folds in what was heard, and says which cards are new. Rejects when a story's past cannot be had; then nothing of it is lost. */
  take(heard: readonly Recorded[]): Promise<Card[]>
}

/** `past` gives every event of a story so far. Takes run one after the other: what fails is taken again by the next. */
export function boardFold(past: (id: string) => Promise<Recorded[]>): BoardFold {
  const folds = new Map<string, Folded>()
  const owed = new Map<string, Recorded[]>()

  async function moved(id: string): Promise<Card[]> {
    const known = folds.get(id)
    const before = known ?? foldIn({ story: null, sequence: 0 }, startsHere(owed.get(id)) ? [] : await past(id))
    const now = foldIn(before, owed.get(id) ?? [])
    owed.delete(id)
    if (now.story?.status === 'running') folds.set(id, now)
    else folds.delete(id)
    return now.story && now !== known ? [cardOf(now.story, now.sequence)] : []
  }

  return {
    async take(heard) {
      for (const one of heard) {
        const id = storyIdOf(one.subject)
        owed.set(id, [...(owed.get(id) ?? []), one])
      }
      return (await Promise.all([...owed.keys()].map(moved))).flat()
    },
  }
}

function foldIn(folded: Folded, recorded: readonly Recorded[]): Folded {
  return recorded.reduce<Folded>((before, { sequence, subject, body }) => {
    if (sequence <= before.sequence) return before
    const parsed = parseEvent(subject, body)
    return { sequence, story: parsed.kind === 'event' ? evolve(before.story, parsed.event) : before.story }
  }, folded)
}

/** A story whose first event was heard has no past to fetch. */
const startsHere = (heard: readonly Recorded[] | undefined): boolean =>
  heard?.[0]?.subject.includes('.story.submitted.') === true

/** Newer cards laid over older ones; a card is never replaced by an older one of its story. */
export function withCards(cards: Cards, changed: readonly Card[]): Cards {
  const newer = changed.filter((card) => card.sequence > (cards.get(card.id)?.sequence ?? -1))
  if (newer.length === 0) return cards
  return new Map([...cards, ...newer.map((card) => [card.id, card] as const)])
}
