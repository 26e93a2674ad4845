/** What the page knows and whether it is live: the session, the cards, and each story and terminal that is looked at. */
import { CARDS, cardSubject } from '@sluice/proto/cards.ts'
import type { Session } from '@sluice/proto/rest.ts'
import { problemFrom, Refused } from '../api.ts'
import type { Connected, Heard, Listening } from '../bus.ts'
import { batched } from './batched.ts'
import { type Cards, noCards, withHeard } from './cards.ts'

export type Connection =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'away'; since: number; why: string }
  | { state: 'signed-out' }

export type Known = { connection: Connection; session: Session | null; cards: Cards | null }

/** Events of one story. `anew`: all there are, whatever was told before. */
export type Told = { anew: boolean; heard: readonly Heard[] }

export type Live = {
  known(): Known
  subscribe(changed: () => void): () => void
  /** The story from its first event on; told anew after every break. */
  story(id: string, hear: (told: Told) => void): () => void
  /** Whatever is said on a subject that nothing stores; `opened` whenever there is a connection again. */
  watch(subject: string, hear: (subject: string, body: unknown) => void, opened?: () => void): () => void
}

/** Where it all comes from: REST, and the bus. */
export type Sources = {
  session(): Promise<Session>
  listen(listening: Listening): Promise<void>
  /** How often it is looked whether the cards keep up. */
  checkMs?: number
}

const FIRST_WAIT_MS = 400
const LONGEST_WAIT_MS = 5_000
const CHECK_MS = 2_000
const AWAY = 'The bus does not answer.'
const BEHIND = 'The orchestrator does not answer: the board may be old.'

/** Something that is to be heard on every connection there will be. */
type Listener = { attach(connected: Connected, caughtUp: () => void): () => void; detach: () => void }

export function startLive({ session, listen, checkMs = CHECK_MS }: Sources, signal: AbortSignal): Live {
  let known: Known = { connection: { state: 'connecting' }, session: null, cards: null }
  const watchers = new Set<() => void>()
  const know = (news: Partial<Known>) => {
    known = { ...known, ...news }
    for (const changed of watchers) changed()
  }
  let connected: Connected | null = null
  const listeners = new Set<Listener>()
  /** Those of this connection that are not caught up yet: what they show is as old as before. */
  const behind = new Set<Listener>()
  let foldedTo: number | null = null
  /** Cards have to go as far as this before they are called live. */
  let wanted = 0

  const board = boardListener((state) => {
    foldedTo = state.foldedTo
    // A board nobody has written yet is not an empty one.
    if (state.foldedTo !== null || wanted === 0) know({ cards: state.cards })
    if (isCurrent()) goLive()
  })
  listeners.add(board)

  const isCurrent = (): boolean => connected !== null && behind.size === 0 && (foldedTo ?? 0) >= wanted
  const goLive = () => known.connection.state !== 'live' && know({ connection: { state: 'live' } })
  const goAway = (why: string) => {
    const since = known.connection.state === 'away' ? known.connection.since : Date.now()
    know({ connection: { state: 'away', since, why } })
  }

  function attach(listener: Listener, to: Connected): void {
    listener.detach = listener.attach(to, () => {
      if (behind.delete(listener) && isCurrent()) goLive()
    })
  }

  function add(listener: Listener): () => void {
    listeners.add(listener)
    if (connected) attach(listener, connected)
    return () => {
      listeners.delete(listener)
      listener.detach()
      if (behind.delete(listener) && isCurrent()) goLive()
    }
  }

  async function connect(opened: () => void): Promise<void> {
    const now = await session()
    know({ session: now })
    const stop = new AbortController()
    try {
      await listen({
        ...now.bus,
        signal,
        onOpen(to) {
          opened()
          void begin(to, stop.signal)
        },
      })
    } finally {
      stop.abort()
      connected = null
      for (const listener of listeners) listener.detach()
    }
  }

  async function begin(to: Connected, over: AbortSignal): Promise<void> {
    // Before anything is heard: the cards that are heard hold at least this.
    const last = await to.lastSequence('STORY').catch(() => null)
    if (over.aborted || last === null) return
    wanted = last
    connected = to
    for (const listener of listeners) behind.add(listener)
    for (const listener of listeners) attach(listener, to)
    await keepLooking(to, over)
  }

  /** The bus may answer while nobody writes cards: then what is shown is old, and said to be. */
  async function keepLooking(to: Connected, over: AbortSignal): Promise<void> {
    for (;;) {
      await until(checkMs, over)
      if (over.aborted) return
      if ((foldedTo ?? 0) < wanted) goAway(BEHIND)
      else if (isCurrent()) goLive()
      wanted = await to.lastSequence('STORY').catch(() => wanted)
    }
  }

  function lost(error: unknown): void {
    if (error instanceof Refused && error.status === 401) know({ connection: { state: 'signed-out' } })
    else goAway(error instanceof Refused ? problemFrom(error).error : AWAY)
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
    story: (id, hear) => add(storyListener(id, hear)),
    watch: (subject, hear, opened) =>
      add({
        attach(to, caughtUp) {
          const stop = to.watch(subject, hear)
          caughtUp()
          opened?.()
          return stop
        },
        detach: () => {},
      }),
  }
}

function boardListener(show: (board: typeof noCards) => void): Listener {
  return {
    attach(connected, caughtUp) {
      let board = noCards
      let isAll = false
      const batch = batched<Heard>((heard) => {
        board = withHeard(board, heard)
        if (isAll) show(board)
      })
      const stop = connected.follow({
        ...{ stream: `KV_${CARDS}`, filter: cardSubject('>'), from: 'latest', onMessage: batch.add },
        onCaughtUp() {
          isAll = true
          batch.flush()
          caughtUp()
          show(board)
        },
      })
      return () => {
        batch.drop()
        stop()
      }
    },
    detach: () => {},
  }
}

function storyListener(id: string, hear: (told: Told) => void): Listener {
  return {
    attach(connected, caughtUp) {
      let anew = true
      const batch = batched<Heard>((heard) => {
        hear({ anew, heard })
        anew = false
      })
      let isAll = false
      const stop = connected.follow({
        ...{ stream: 'STORY', filter: `story.${id}.>`, from: 'first' },
        onMessage: (heard) => batch.add(heard, isAll),
        onCaughtUp() {
          isAll = true
          batch.flush()
          caughtUp()
        },
      })
      return () => {
        batch.drop()
        stop()
      }
    },
    detach: () => {},
  }
}

function until(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => resolve(clearTimeout(timer)), { once: true })
  })
}
