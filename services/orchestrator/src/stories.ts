/** The stories at work, folded: what is recorded, and for a moment what is being recorded. */
import type { Bus } from '@sluice/kit/bus.ts'
import { type Followed, readAll, type Unreadable } from '@sluice/kit/follow.ts'
import type { Envelope } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import type { Unread } from './decide.ts'
import { repeatedIn, unreadIn } from './unread.ts'

/** A story, and the last sequence of each of its subjects: what a publish must name to be accepted. */
type Known = { story: Story; sequences: Map<string, number> }

export function storyCache(bus: Bus) {
  const known = new Map<string, Known>()
  const byProject = new Map<string, Set<string>>()
  /** Kept beside the stories: reading one again from its events does not find it. */
  const unread = new Map<string, Unread[]>()

  /** Whether it changed the story: what we recorded ourselves was folded in when it was published. */
  function fold({ event, subject, sequence }: Followed): boolean {
    const id = event.storyId ?? ''
    const before = known.get(id)
    if (before) note(id, repeatedIn(before.story, { event, subject, sequence }))
    const story = evolve(before?.story ?? null, event)
    // The end of a story that left the cache, or news of one that was never submitted.
    if (!story) return false
    const sequences = before?.sequences ?? new Map<string, number>()
    sequences.set(subject, Math.max(sequence, sequences.get(subject) ?? 0))
    if (story === before?.story) return false
    keep(id, { story, sequences })
    return true
  }

  function note(id: string, one: Unread | null): void {
    if (one) unread.set(id, [...(unread.get(id) ?? []), one])
  }

  function keep(id: string, entry: Known): void {
    known.set(id, entry)
    const ids = byProject.get(entry.story.projectId) ?? new Set()
    byProject.set(entry.story.projectId, ids.add(id))
  }

  function forget(id: string): void {
    byProject.get(known.get(id)?.story.projectId ?? '')?.delete(id)
    known.delete(id)
  }

  return {
    fold,
    forget(id: string): void {
      forget(id)
      unread.delete(id)
    },
    /** Whose story it is that was answered so that nobody can read it; null when nobody waits for that answer. */
    hear(unreadable: Unreadable): string | null {
      const [, id = ''] = unreadable.subject.split('.')
      const story = known.get(id)?.story
      const one = story ? unreadIn(story, unreadable) : null
      note(id, one)
      return one && id
    },
    unread: (id: string): readonly Unread[] => unread.get(id) ?? [],
    ids: () => [...known.keys()],
    all: (): Story[] => [...known.values()].map(({ story }) => story),
    get: (id: string): Story | undefined => known.get(id)?.story,
    ofProject: (projectId: string): Story[] =>
      [...(byProject.get(projectId) ?? [])].flatMap((id) => known.get(id)?.story ?? []),
    /** The last event of the story that is recorded and folded in. */
    last: (id: string): number => Math.max(0, ...(known.get(id)?.sequences.values() ?? [])),
    sequence: (id: string, subject: string): number => known.get(id)?.sequences.get(subject) ?? 0,

    /** Folds in what is about to be published, so that what it takes is taken for everybody at once. */
    assume(id: string, event: Envelope): void {
      const entry = known.get(id)
      // `record` parsed it: it is of its type.
      const story = entry && evolve(entry.story, event as Event)
      if (entry && story) known.set(id, { ...entry, story })
    },
    confirm(id: string, subject: string, sequence: number): void {
      known.get(id)?.sequences.set(subject, sequence)
    },
    /** Forgets what was assumed: the story as it is recorded. */
    async reload(id: string): Promise<void> {
      const events = await readAll(bus, `story.${id}.>`)
      forget(id)
      events.forEach(fold)
    },
  }
}
