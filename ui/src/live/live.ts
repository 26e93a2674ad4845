/** What the page knows and whether it is live: the session, the cards, and every event as it is recorded. */
import type { Board, Session } from '@sluice/proto/rest.ts'
import { problemFrom, Refused } from '../api.ts'
import { type Heard, type Listening, Rewound } from '../bus.ts'
import { boardFold, type Cards, withCards } from './board-fold.ts'
import type { Recorded } from './story-log.ts'

export type Connection =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'away'; since: number; why: string }
  | { state: 'signed-out' }

/** `epoch` counts streams: with another one, all that was read of the last is void. */
export type Known = { connection: Connection; session: Session | null; cards: Cards | null; epoch: number }

export type Live = {
  known(): Known
  subscribe(changed: () => void): () => void
  /** Every event heard from now on, in batches. */
  onEvents(hear: (heard: readonly Recorded[]) => void): () => void
}

/** Where it all comes from: REST, and the bus. */
export type Sources = {
  session(): Promise<Session>
  board(): Promise<Board>
  past(id: string): Promise<Recorded[]>
  listen(listening: Listening): Promise<void>
}

/** Events that arrive together are shown together. */
const BATCH_MS = 30
const FIRST_WAIT_MS = 400
const LONGEST_WAIT_MS = 5_000

export function startLive(sources: Sources, signal: AbortSignal): Live {
  let known: Known = { connection: { state: 'connecting' }, session: null, cards: null, epoch: 0 }
  const watchers = new Set<() => void>()
  const hearers = new Set<(heard: readonly Recorded[]) => void>()
  const know = (news: Partial<Known>) => {
    known = { ...known, ...news }
    for (const changed of watchers) changed()
  }

  let next = 0
  let fold = boardFold(sources.past)
  let batch: Heard[] = []
  let folding: Promise<void> = Promise.resolve()
  let again: ReturnType<typeof setTimeout> | undefined

  function hear(heard: Heard): void {
    next = heard.sequence + 1
    if (batch.push(heard) === 1) setTimeout(() => flush(), BATCH_MS)
  }

  function flush(): void {
    const heard = batch
    batch = []
    for (const one of hearers) one(heard)
    foldIn(heard)
  }

  function foldIn(heard: readonly Recorded[]): void {
    const mine = fold
    folding = folding.then(() => showMoved(mine, heard))
  }

  async function showMoved(mine: typeof fold, heard: readonly Recorded[]): Promise<void> {
    const { cards, isBehind } = await mine.take(heard)
    if (mine !== fold || signal.aborted) return
    if (known.cards) know({ cards: withCards(known.cards, cards) })
    clearTimeout(again)
    if (isBehind) again = setTimeout(() => foldIn([]), LONGEST_WAIT_MS)
  }

  async function begin(): Promise<void> {
    const board = await sources.board()
    next = board.sequence + 1
    fold = boardFold(sources.past)
    know({ cards: new Map(board.cards.map((card) => [card.id, card])) })
  }

  async function connect(connected: () => void): Promise<void> {
    const session = await sources.session()
    know({ session })
    if (!known.cards) await begin()
    const goLive = () => {
      connected()
      if (known.connection.state !== 'live') know({ connection: { state: 'live' } })
    }
    await sources.listen({ ...session.bus, from: next, signal, onMessage: hear, onLive: goLive })
  }

  function lost(error: unknown): void {
    if (error instanceof Refused && error.status === 401) {
      know({ connection: { state: 'signed-out' } })
      return
    }
    if (error instanceof Rewound) know({ cards: null, epoch: known.epoch + 1 })
    const since = known.connection.state === 'away' ? known.connection.since : Date.now()
    const why = error instanceof Refused ? problemFrom(error).error : 'The bus does not answer.'
    know({ connection: { state: 'away', since, why } })
  }

  async function run(): Promise<void> {
    let wait = FIRST_WAIT_MS
    while (!signal.aborted) {
      await connect(() => {
        wait = FIRST_WAIT_MS
      }).then(() => lost(null), lost)
      if (known.connection.state === 'signed-out') return
      await until(wait, signal)
      wait = Math.min(wait * 1.6, LONGEST_WAIT_MS)
    }
  }

  void run()
  return {
    known: () => known,
    subscribe(changed) {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
    onEvents(hearer) {
      hearers.add(hearer)
      return () => hearers.delete(hearer)
    },
  }
}

function until(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true })
  })
}
