/** What components ask of the live page: the connection, the cards, one story. */
import type { Card, Session } from '@sluice/proto/rest.ts'
import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { getStoryEvents, Refused } from '../api.ts'
import type { Cards } from './board-fold.ts'
import type { Connection, Known, Live } from './live.ts'
import { append, emptyLog, type Recorded, type StoryLog } from './story-log.ts'

export const LiveContext = createContext<Live | null>(null)

function useLive(): Live {
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

export type StoryState =
  | { state: 'loading' }
  | { state: 'missing' }
  | { state: 'trouble'; error: unknown }
  | { state: 'here'; log: StoryLog }

/** One story: its events so far by REST, then as they are recorded. */
export function useStory(id: string): StoryState {
  const live = useLive()
  const epoch = useKnown((known) => known.epoch)
  const [story, setStory] = useState<StoryState>({ state: 'loading' })

  useEffect(() => {
    let gone = false
    let early: Recorded[] = []
    let log: StoryLog | null = null
    let again: ReturnType<typeof setTimeout> | undefined
    const prefix = `story.${id}.`
    const show = (next: StoryLog) => {
      log = next
      setStory({ state: 'here', log: next })
    }
    const stop = live.onEvents((heard) => {
      const mine = heard.filter(({ subject }) => subject.startsWith(prefix))
      if (mine.length === 0) return
      if (log) show(append(log, mine))
      else early = [...early, ...mine]
    })
    const load = () =>
      getStoryEvents(id).then(
        ({ events }) => {
          if (gone) return
          const past = events.map(({ event, ...where }) => ({ ...where, body: event }))
          show(append(append(emptyLog, past), early))
          // REST may lag behind what was heard before this page began to listen.
          if ((live.known().cards?.get(id)?.sequence ?? 0) > (log?.sequence ?? 0)) again = setTimeout(load, 300)
        },
        (error: unknown) => {
          if (gone) return
          const missing = error instanceof Refused && error.status === 404
          setStory(missing ? { state: 'missing' } : { state: 'trouble', error })
          if (!missing) again = setTimeout(load, 3_000)
        },
      )
    // Which story it is, is in the address: what was shown of another is not shown on.
    setStory({ state: 'loading' })
    if (epoch >= 0) void load()
    return () => {
      gone = true
      clearTimeout(again)
      stop()
    }
  }, [live, id, epoch])

  return story
}
