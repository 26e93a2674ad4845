/** A released story as the page hears it: every event of the corpus, with its place in the stream. */
import { subjectOf } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import corpus from '../../../proto/corpus/0.1-story.jsonl?raw'
import type { Recorded } from '../live/story-log.ts'

export const events: Event[] = corpus
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Event)

export const recorded: Recorded[] = events.map((event, i) => ({
  sequence: i + 1,
  subject: subjectOf(event),
  body: event,
}))

/** The same story under another id. */
export const told = (storyId: string, from = 1): Recorded[] =>
  events.map((event, i) => {
    const mine = { ...event, storyId, id: `${event.id}${storyId}` }
    return { sequence: from + i, subject: subjectOf(mine), body: mine }
  })
