/** The inbox as it stands: what waits, less what was just decided; and how a panel in it decides. */
import type { ParkedView } from '@sluice/proto/rest.ts'
import { useMemo, useSyncExternalStore } from 'react'
import { getParked } from '../api.ts'
import { useCards } from '../live/hooks.ts'
import { useRemote } from '../parts/remote.ts'
import type { Say } from '../parts/say.ts'
import { type Item, itemsOf } from './order.ts'
import { type Outbox, openOutbox } from './outbox.ts'

/** Long enough to see what one has done, short enough that nobody waits for it. */
const HOLD_MS = 5_000
const PARKED_EVERY_MS = 10_000

/** One for the page: a decision goes its way whatever page is looked at meanwhile. */
const outbox = openOutbox(HOLD_MS)
// Left or put aside: what was decided is said now, or never.
window.addEventListener('pagehide', () => outbox.flush())

const nothing: ParkedView[] = []

export type Inbox = { items: Item[] | null; outbox: Outbox; parkedAgain: () => void }

export function useInbox(): Inbox {
  const cards = useCards()
  const sent = useSyncExternalStore(outbox.subscribe, outbox.now)
  const parked = useRemote('parked', getParked, { everyMs: PARKED_EVERY_MS })
  const items = useMemo(
    () => (cards ? itemsOf(cards.values(), parked.data ?? nothing).filter(({ key }) => !sent.decided.has(key)) : null),
    [cards, parked.data, sent.decided],
  )
  return { items, outbox: sent, parkedAgain: parked.again }
}

export const undo = () => outbox.undo()
export const forgetRefusal = (id: string) => outbox.forget(id)

/** How the panels of one item decide. */
export function useSayHeld(item: string): Say {
  return useMemo(
    () => ({
      say: ({ id, verb, body, key, about }) => outbox.post({ item, id, verb, body, key, about }),
      keys: true,
    }),
    [item],
  )
}
