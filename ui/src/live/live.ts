/** What the page knows and whether it is live: the session, the cards, and every event as it is recorded. */
import type { Session } from '@sluice/proto/rest.ts'
import { getBoard, getSession, getStoryEvents, problemFrom, Refused } from '../api.ts'
import { type Heard, listen, Rewound } from '../bus.ts'
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

/** Events that arrive together are shown together. */
const BATCH_MS = 30
const FIRST_WAIT_MS = 400
const LONGEST_WAIT_MS = 5_000

export function startLive(signal: AbortSignal): Live {
  let known: Known = { connection: { state: 'connecting' }, session: null, cards: null, epoch: 0 }
  const watchers = new Set<() => void>()
  const hearers = new Set<(heard: readonly Recorded[]) => void>()
  const know = (news: Partial<Known>) => {
    known = { ...known, ...news }
    for (const changed of watchers) changed()
  }

  let next = 0
  let fold = boardFold(pastOf)
  let batch: Heard[] = []
  let folding: Promise<void> = Promise.resolve()

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
    try {
      const changed = await mine.take(heard)
      if (mine === fold && known.cards) know({ cards: withCards(known.cards, changed) })
    } catch {
      // The stories it could not read are taken again with the next batch, or by this.
      setTimeout(() => foldIn([]), LONGEST_WAIT_MS)
    }
  }

  async function begin(): Promise<void> {
    const board = await getBoard()
    next = board.sequence + 1
    fold = boardFold(pastOf)
    know({ cards: new Map(board.cards.map((card) => [card.id, card])) })
  }

  async function connect(connected: () => void): Promise<void> {
    const session = await getSession()
    know({ session })
    if (!known.cards) await begin()
    const goLive = () => {
      connected()
      if (known.connection.state !== 'live') know({ connection: { state: 'live' } })
    }
    await listen({ ...session.bus, from: next, signal, onMessage: hear, onLive: goLive })
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

async function pastOf(id: string): Promise<Recorded[]> {
  return (await getStoryEvents(id)).events.map(({ event, ...where }) => ({ ...where, body: event }))
}

/** Waits, but not when the machine says that the network is back. */
function until(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer)
      window.removeEventListener('online', over)
      resolve()
    }
    const timer = setTimeout(over, ms)
    window.addEventListener('online', over)
    signal.addEventListener('abort', over, { once: true })
  })
}
