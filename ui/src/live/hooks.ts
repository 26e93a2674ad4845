/** What components ask of the live page: the connection, the cards, one story. */
import type { Card, Session } from '@sluice/proto/rest.ts'
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import type { Cards } from './cards.ts'
import type { Connection, Known, Live } from './live.ts'
import { append, emptyLog, type StoryLog } from './story-log.ts'

export const LiveContext = createContext<Live | null>(null)

export function useLive(): Live {
  const live = useContext(LiveContext)
  if (!live) throw new Error('There is no live page around this.')
  return live
}

function useKnown<T>(pick: (known: Known) => T): T {
  const live = useLive()
  return useSyncExternalStore(live.subscribe, () => pick(live.known()))
}

export const useConnection = (): Connection => useKnown((known) => known.connection)
export const useSession = (): Session | null => useKnown((known) => known.session)
export const useCards = (): Cards | null => useKnown((known) => known.cards)
export const useCard = (id: string): Card | undefined => useKnown((known) => known.cards?.get(id))

export type StoryState = { state: 'loading' } | { state: 'missing' } | { state: 'here'; log: StoryLog }

/** One story: its events so far, then as they are recorded. */
export function useStory(id: string): StoryState {
  const live = useLive()
  const [story, setStory] = useState<StoryState>({ state: 'loading' })

  useEffect(() => {
    let log = emptyLog
    // Which story it is, is in the address: what was shown of another is not shown on.
    setStory({ state: 'loading' })
    return live.story(id, ({ anew, heard }) => {
      log = append(anew ? emptyLog : log, heard)
      setStory(log.entries.length > 0 ? { state: 'here', log } : { state: 'missing' })
    })
  }, [live, id])

  return story
}
