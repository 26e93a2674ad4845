/** What waits for the person, in the order in which a decision sets most going. */
import type { Card, ParkedView } from '@sluice/proto/rest.ts'

export type Want = NonNullable<Card['wants']>
export type Item =
  | { kind: 'story'; key: string; card: Card; want: Want }
  | { kind: 'parked'; key: string; message: ParkedView }

/** Said above the list: keep it true to `rank`. */
export const orderText =
  'Stopped work first, then the gate nearest to shipping, what you hold yourself last; among equals, what has waited longest.'

/** One item a story. Its key changes when it wants something else: what was decided about the last is not about this. */
export function itemsOf(cards: Iterable<Card>, parked: readonly ParkedView[]): Item[] {
  const stories = [...cards].filter(({ needsPerson }) => needsPerson).map(storyItem)
  const wanting = new Set(stories.map(({ card }) => card.id))
  // A request given up stands in its story as failed; what stands nowhere else is listed by itself.
  const messages = parked
    .filter(({ storyId }) => !wanting.has(storyId))
    .map((message): Item => ({ kind: 'parked', key: `parked-${message.sequence}`, message }))
  return [...stories, ...messages].sort((a, b) => rank(a) - rank(b) || since(a).localeCompare(since(b)))
}

function storyItem(card: Card): Extract<Item, { kind: 'story' }> {
  const want = card.wants ?? { kind: 'gate', since: card.updated }
  return { kind: 'story', key: `${card.id} ${want.kind} ${want.gate ?? ''} ${want.since}`, card, want }
}

export const since = (item: Item): string => (item.kind === 'story' ? item.want.since : item.message.at)

/** In the address: a story by its id, a message by its number. */
export const nameOf = (item: Item): string => (item.kind === 'story' ? item.card.id : item.key)

const nearest = ['review', 'architecture', 'design', 'scope']

function rank(item: Item): number {
  if (item.kind === 'parked') return nearest.length + 2
  if (item.want.kind === 'person') return nearest.length + 3
  if (item.want.kind !== 'gate') return 0
  const place = nearest.indexOf(item.want.gate ?? '')
  return 1 + (place === -1 ? nearest.length : place)
}

const words: Record<Want['kind'], string> = {
  gate: 'Approve',
  questions: 'Answer',
  permission: 'Permission',
  budget: 'Budget',
  limit: 'Rate limit',
  stuck: 'Going in circles',
  account: 'Account',
  checkout: 'Checkout',
  person: 'Held by you',
  failed: 'Failed',
}

/** What kind of decision it is, in one or two words. */
export function kindOf(item: Item): string {
  if (item.kind === 'parked') return 'Parked message'
  return item.want.gate ? `${words.gate} ${item.want.gate}` : words[item.want.kind]
}

/** Who is looked at after this one has left: the one that takes its place, else the one before. */
export function afterLeaving(before: readonly string[], left: string, now: readonly string[]): string | undefined {
  const at = before.indexOf(left)
  const still = new Set(now)
  return (
    before.slice(at + 1).find((name) => still.has(name)) ??
    before.slice(0, Math.max(0, at)).findLast((n) => still.has(n))
  )
}
