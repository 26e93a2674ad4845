/** Writes the board's cards: a burst of events becomes one write, the last state is always written, an older one never over a newer. */
import { setTimeout as delay } from 'node:timers/promises'
import { DeliverPolicy } from '@nats-io/jetstream'
import { CARDS, cardSubject, FOLDED_KEY, keyIn } from '@sluice/proto/cards.ts'
import type { Card } from '@sluice/proto/rest.ts'
import { type Bus, bodyOf, Stale } from './bus.ts'
import type { Log } from './log.ts'

export type CardWriter = {
  /** The story's card as of this event; `card` is asked for when it is written. */
  changed(id: string, sequence: number, card: () => Card): void
  /** Every event up to here was told by `changed`, or changes no card. */
  seen(sequence: number): void
  /** All there is, once: from now on the bucket is brought to it, what is about a story nobody knows is emptied, and changes are written. */
  begin(cards: readonly Card[]): void
}

type Stored = { revision: number; value: unknown }
/** `since`: the first event that no stored card holds. */
type Due = { since: number; card: () => Card | null }

const STREAM = `KV_${CARDS}`
/** A story's card is written at most this often; the first of a burst waits for the rest of it only so long. */
const EVERY_MS = 50
const FIRST_MS = 10
const AGAIN_MS = 250
/** At most so many at once: a board of a thousand moving stories costs the line 500 small writes a second. */
const MOST_AT_ONCE = 25

export function openCards(bus: Bus, { log, signal }: { log: Log; signal: AbortSignal }): CardWriter {
  const revisions = new Map<string, number>()
  /** In the order in which they began to wait. */
  const due = new Map<string, Due>()
  let seen = 0
  let said = -1
  let begun = false
  let writing: Promise<void> | null = null

  function wake(): void {
    if (writing || !isOwed() || signal.aborted) return
    writing = writeAll().finally(() => {
      writing = null
      wake()
    })
  }

  const foldedTo = (): number => {
    const [first] = due.values()
    return first ? first.since - 1 : seen
  }
  const isOwed = (): boolean => begun && (due.size > 0 || foldedTo() > said)

  async function writeAll(): Promise<void> {
    for (let wait = FIRST_MS; isOwed(); wait = EVERY_MS) {
      await delay(wait, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      const now = [...due].slice(0, MOST_AT_ONCE)
      for (const [key] of now) due.delete(key)
      await Promise.all(now.map(([key, one]) => writeOrKeep(key, one)))
      await sayFolded()
    }
  }

  async function sayFolded(): Promise<void> {
    const sequence = foldedTo()
    if (sequence <= said) return
    await write(FOLDED_KEY, { sequence }).then(() => {
      said = sequence
    }, failed)
  }

  async function writeOrKeep(key: string, one: Due): Promise<void> {
    await write(key, one.card()).catch((error: unknown) => {
      failed(error)
      // The later state is kept, and how long the card has been owed.
      due.set(key, { since: one.since, card: due.get(key)?.card ?? one.card })
    })
  }

  const failed = (error: unknown): void => {
    if (!signal.aborted) log.warn({ err: error }, 'the cards are tried again')
  }

  /** Of two orchestrators the one that has seen more is right. */
  async function write(key: string, value: { sequence: number } | null): Promise<void> {
    for (;;) {
      try {
        revisions.set(key, await bus.put(cardSubject(key), value, revisions.get(key) ?? 0))
        return
      } catch (error) {
        if (!(error instanceof Stale)) throw error
        const there = await bus.last(STREAM, cardSubject(key))
        revisions.set(key, there?.sequence ?? 0)
        if (value && sequenceOf(there?.data) > value.sequence) return
      }
    }
  }

  async function begin(cards: readonly Card[]): Promise<void> {
    const stored = await storedCards()
    if (!stored) return
    for (const [key, { revision }] of stored) revisions.set(key, revision)
    const known = new Set([FOLDED_KEY, ...cards.map(({ id }) => id)])
    const unknown = [...stored].filter(([key, { value }]) => value !== null && !known.has(key))
    // What changed meanwhile is newer than what is begun with.
    for (const [key] of unknown) if (!due.has(key)) due.set(key, { since: 0, card: () => null })
    for (const card of cards)
      if (!due.has(card.id) && !isSame(stored.get(card.id)?.value, card))
        due.set(card.id, { since: 0, card: () => card })
    said = sequenceOf(stored.get(FOLDED_KEY)?.value)
    // A stream that began anew counts from one again.
    if (said > seen) said = -1
    begun = true
    wake()
  }

  /** The broker is waited for; null when told to stop meanwhile. */
  async function storedCards(): Promise<Map<string, Stored> | null> {
    while (!signal.aborted) {
      const stored = await readStored(bus).catch(failed)
      if (stored) return stored
      await delay(AGAIN_MS, undefined, { signal }).catch(() => undefined)
    }
    return null
  }

  return {
    changed(id, sequence, card) {
      // `set` leaves a key that is there in its place: who waits longest is written first.
      due.set(id, { since: due.get(id)?.since ?? sequence, card })
      wake()
    },
    seen(sequence) {
      seen = sequence
      wake()
    },
    begin: (cards) => void begin(cards),
  }
}

const sequenceOf = (value: unknown): number => (value as { sequence?: number } | null | undefined)?.sequence ?? -1
const isSame = (stored: unknown, card: Card): boolean => JSON.stringify(stored) === JSON.stringify(card)

async function readStored(bus: Bus): Promise<Map<string, Stored>> {
  const stored = new Map<string, Stored>()
  const consumer = await bus.js.consumers.get(STREAM, {
    deliver_policy: DeliverPolicy.LastPerSubject,
    filter_subjects: cardSubject('>'),
  })
  if ((await consumer.info()).num_pending === 0) return stored
  for await (const message of await consumer.consume({ max_messages: 500 })) {
    stored.set(keyIn(message.subject), { revision: message.seq, value: bodyOf(message) })
    if (message.info.pending === 0) break
  }
  return stored
}
