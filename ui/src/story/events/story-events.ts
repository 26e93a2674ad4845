/** How the events of a story hang together: cause, effects, and what each changed in the story. Pure. */
import type { Event } from '@sluice/proto/events.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import type { Entry } from '../../live/story-log.ts'

export type Head = { id: string; type: string; source: string; time: string; causationId: string | null }

/** An unknown type still has the envelope that `parseEvent` read. */
export function headOf({ parsed, body }: Entry): Head | undefined {
  if (parsed.kind === 'unreadable') return undefined
  return parsed.kind === 'event' ? parsed.event : (body as Head)
}

export const effectsOf = (entries: readonly Entry[], id: string): Entry[] =>
  entries.filter((entry) => headOf(entry)?.causationId === id)

export type Change = { path: string; before: unknown; after: unknown }

/** What one event made of the story, in the order of its parts; empty for one that changed nothing. */
export function changesBy(entries: readonly Entry[], sequence: number): Change[] {
  const events = entries.flatMap(({ parsed, sequence: at }) =>
    parsed.kind === 'event' && at <= sequence ? [{ event: parsed.event as Event, at }] : [],
  )
  const fold = (upTo: typeof events) => upTo.reduce<Story | null>((story, { event }) => evolve(story, event), null)
  const before = fold(events.filter(({ at }) => at < sequence))
  return differences(before, fold(events), '')
}

const MOST_DEEP = 3
/** Bookkeeping of the fold that says nothing to a reader. */
const silent = new Set(['seen', 'updated', 'sequence'])

function differences(before: unknown, after: unknown, path: string, depth = 0): Change[] {
  if (before === after || JSON.stringify(before) === JSON.stringify(after)) return []
  if (depth >= MOST_DEEP || !isPlain(before) || !isPlain(after)) return [{ path: path || 'story', before, after }]
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => depth > 0 || !silent.has(key),
  )
  return keys.flatMap((key) => differences(before[key], after[key], path ? `${path}.${key}` : key, depth + 1))
}

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
