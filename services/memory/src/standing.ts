/** How an entry stands: the fold of what a person said about it, and of commits that took it back. It may be spoken of before it is known. */
import type { Instant } from '@sluice/proto/event.ts'
import { type Event, maySay } from '@sluice/proto/events.ts'

export type Standing = {
  pinned: boolean
  forgotten: boolean
  /** In place of what was recorded. */
  title: string | null
  text: string | null
  /** The commit that took it back. */
  reverted: string | null
  heard: Heard[]
}

/** What was said, by an event or a commit: `id` tells which. */
export type Heard = { kind: 'event' | 'commit'; id: string; what: string; at: Instant }

export type Saying = Heard &
  (
    | { says: 'pinned'; pinned: boolean }
    | { says: 'forgotten'; forgotten: boolean }
    | { says: 'edited'; title?: string | null | undefined; text?: string | null | undefined }
    | { says: 'reverted'; commit: string; reverts: string }
  )

export const untouched: Standing = {
  ...{ pinned: false, forgotten: false, title: null, text: null, reverted: null, heard: [] },
}

/** The same thing said twice is said once. */
export function hear(standing: Standing, saying: Saying): Standing {
  if (standing.heard.some(({ id }) => id === saying.id)) return standing
  const { kind, id, what, at } = saying
  return { ...standing, ...changeOf(standing, saying), heard: [...standing.heard, { kind, id, what, at }] }
}

function changeOf(standing: Standing, saying: Saying): Partial<Standing> {
  switch (saying.says) {
    case 'pinned':
      return { pinned: saying.pinned }
    case 'forgotten':
      return { forgotten: saying.forgotten }
    case 'edited':
      return {
        title: saying.title === undefined ? standing.title : saying.title,
        text: saying.text === undefined ? standing.text : saying.text,
      }
    case 'reverted':
      // A revert of the revert puts it back.
      return { reverted: standing.reverted === saying.reverts ? null : saying.commit }
  }
}

/** Which entry an event speaks of, and what it says; null for all else, and for who may not say it. */
export function sayingIn(event: Event): { entry: string; saying: Saying } | null {
  if (!maySay(event)) return null
  const heard = { kind: 'event', id: event.id, what: event.type, at: event.time } as const
  switch (event.type) {
    case 'memory.pinned':
      return { entry: event.data.entry, saying: { ...heard, says: 'pinned', pinned: event.data.pinned } }
    case 'memory.forgotten':
      return { entry: event.data.entry, saying: { ...heard, says: 'forgotten', forgotten: event.data.forgotten } }
    case 'memory.edited':
      return {
        entry: event.data.entry,
        saying: { ...heard, says: 'edited', title: event.data.title, text: event.data.text },
      }
    case 'story.reverted':
      return { entry: event.storyId ?? '', saying: { ...heard, says: 'reverted', ...event.data } }
    default:
      return null
  }
}
