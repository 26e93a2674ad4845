/** Stories as the command line meets them: by the beginning of an id, folded from their events. */
import { Refusal } from '@sluice/kit/errors.ts'
import { type Event, parseEvent } from '@sluice/proto/events.ts'
import { Board, type Card, type StoryEvents, StoryEvents as StoryEventsReply } from '@sluice/proto/rest.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import type { Rest } from './rest.ts'

export type Logged = { sequence: number; event: Event }
export type StoryLog = { story: Story; events: Logged[] }

export const readBoard = (rest: Rest): Promise<Board> => rest.get('/api/stories', Board)

/** The one story whose id begins so. */
export async function findStory(rest: Rest, prefix: string): Promise<Card> {
  const { cards } = await readBoard(rest)
  const found = cards.filter(({ id }) => id.startsWith(prefix))
  const one = found.find(({ id }) => id === prefix) ?? (found.length === 1 ? found[0] : undefined)
  if (one) return one
  if (found.length === 0)
    throw new Refusal(`There is no story ${prefix}.`, '`sluice story list` shows those there are.')
  throw new Refusal(
    `${found.length} stories begin with ${prefix}: ${found.map(({ id }) => id).join(', ')}.`,
    'Type more of the id.',
  )
}

export async function readStory(rest: Rest, id: string): Promise<StoryLog> {
  const events = eventsOf(await rest.get(`/api/stories/${encodeURIComponent(id)}/events`, StoryEventsReply))
  const story = events.reduce<Story | null>((folded, { event }) => evolve(folded, event), null)
  if (!story)
    throw new Refusal(
      `The log of story ${id} does not begin.`,
      'Look into the data directory: its stream may be damaged.',
    )
  return { story, events }
}

/** Events of a type this version does not know are for a newer one to fold. */
export const eventsOf = ({ events }: StoryEvents): Logged[] =>
  events.flatMap(({ sequence, subject, event }) => {
    const parsed = parseEvent(subject, event)
    return parsed.kind === 'event' ? [{ sequence, event: parsed.event }] : []
  })
