/** Answers that nobody can read: for which open request each was meant, so that no story waits for its deadline. */
import type { Followed, Unreadable } from '@sluice/kit/follow.ts'
import { openRequests } from '@sluice/proto/story/steps.ts'
import type { Story } from '@sluice/proto/story.ts'
import type { Unread } from './decide.ts'

const ANSWER = /^story\.[^.]+\.[a-z]+\.(completed|paused|failed)\.([^.]+)$/
const MOST_CHARACTERS = 1_000

/** The broker vouches for who said it: that is the last token of the subject. */
export function unreadIn(story: Story, { subject, sequence, reason, request: named }: Unreadable): Unread | null {
  const [, , role = ''] = ANSWER.exec(subject) ?? []
  // What names an older request is late, not an answer to this one.
  if (named !== null && story.seen.has(named) && !isOpen(story, role, named)) return null
  const open = openRequests(story).find((one) => one.role === role)
  return open ? refusal({ request: open.request, role, sequence }, oneLine(reason)) : null
}

/** An answer under an id that was said before is deaf ears' to every fold. */
export function repeatedIn(story: Story, { event, sequence }: Followed): Unread | null {
  if (!story.seen.has(event.id) || !('request' in event.data)) return null
  const { request } = event.data
  if (!isOpen(story, event.source, request)) return null
  return refusal({ request, role: event.source, sequence }, 'it carries the id of an event that was said before.')
}

const isOpen = (story: Story, role: string, request: string): boolean =>
  openRequests(story).some((open) => open.role === role && open.request === request)

const refusal = (at: Omit<Unread, 'reason'>, why: string): Unread => ({
  ...at,
  reason: `What ${at.role} answered cannot be read: ${why} Mend it, then retry: it is asked again.`,
})

const oneLine = (reason: string): string =>
  reason
    .slice(0, MOST_CHARACTERS)
    .replaceAll('✖ ', '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[^.]$/, '$&.')
