/** One story as the page holds it: its events in order, and what they fold to. */
import { type Event, type Parsed, parseEvent } from '@sluice/proto/events.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'

export type Recorded = { sequence: number; subject: string; body: unknown }
export type Entry = { sequence: number; subject: string; body: unknown; parsed: Parsed }
export type StoryLog = { sequence: number; entries: readonly Entry[]; story: Story | null }

export const emptyLog: StoryLog = { sequence: 0, entries: [], story: null }

/** Adds what was recorded, in order; what is already there changes nothing, so catching up may overlap. */
export function append(log: StoryLog, recorded: readonly Recorded[]): StoryLog {
  const fresh = recorded.filter(({ sequence }) => sequence > log.sequence).sort((a, b) => a.sequence - b.sequence)
  if (fresh.length === 0) return log
  const entries = fresh.map((one): Entry => ({ ...one, parsed: parseEvent(one.subject, one.body) }))
  return {
    sequence: entries.at(-1)?.sequence ?? log.sequence,
    entries: [...log.entries, ...entries],
    story: entries.reduce(
      (story, { parsed }) => (parsed.kind === 'event' ? evolve(story, parsed.event) : story),
      log.story,
    ),
  }
}

/** The log's events of this version, with their sequence. */
export const eventsOf = (log: StoryLog): (Event & { sequence: number })[] =>
  log.entries.flatMap(({ sequence, parsed }) => (parsed.kind === 'event' ? [{ ...parsed.event, sequence }] : []))

/** `story.<id>.…`: whose event it is, before anything of it is read. */
export const storyIdOf = (subject: string): string => subject.split('.')[1] ?? ''
