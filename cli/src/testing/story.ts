/** A story's log as it grows, in the words of today's events. */
import { readFileSync } from 'node:fs'
import { subjectOf } from '@sluice/proto/event.ts'
import { type Event, type EventName, parseEvent } from '@sluice/proto/events.ts'

const corpus = new URL('../../../proto/corpus/0.1-story.jsonl', import.meta.url)

/** The released story of the corpus: submitted, every gate, a blocking finding, a second round, shipped. */
export const wholeStory = (): Event[] =>
  readFileSync(corpus, 'utf8')
    .trim()
    .split('\n')
    .map((line) => read(JSON.parse(line)))

/** Its log up to and including the nth event of a type. */
export function until(type: EventName, nth = 1): Event[] {
  const events = wholeStory()
  const places = events.flatMap((event, i) => (event.type === type ? [i] : []))
  const end = places[nth - 1]
  if (end === undefined) throw new Error(`The corpus tells of no ${type} number ${nth}.`)
  return events.slice(0, end + 1)
}

/** An event that follows these, said now. */
export function next<T extends EventName>(
  events: Event[],
  { type, source, data }: { type: T; source: string; data: Extract<Event, { type: T }>['data'] },
): Event {
  const { projectId, storyId, id } = events.at(-1) ?? fail()
  return read({
    ...{ specversion: '1.0', id: `${type}-${events.length}`, source, type, time: '2026-01-01T02:00:00.000Z' },
    ...{ datacontenttype: 'application/json', projectId, storyId, causationId: id, data },
  } as Event)
}

function read(event: Event): Event {
  const parsed = parseEvent(subjectOf(event), event)
  if (parsed.kind !== 'event') throw new Error(`This is no event: ${JSON.stringify(parsed)}`)
  return parsed.event
}

function fail(): never {
  throw new Error('A story begins with its submission.')
}
