/** The stories at work, folded: what is recorded, and for a moment what is being recorded. */
import type { Bus } from '@sluice/kit/bus.ts'
import { type Followed, readAll } from '@sluice/kit/follow.ts'
import type { Envelope } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'

/** A story, and the last sequence of each of its subjects: what a publish must name to be accepted. */
type Known = { story: Story; sequences: Map<string, number> }

export function storyCache(bus: Bus) {
  const known = new Map<string, Known>()
  const byProject = new Map<string, Set<string>>()

  function fold({ event, subject, sequence }: Followed): void {
    const id = event.storyId ?? ''
    const before = known.get(id)
    const story = evolve(before?.story ?? null, event)
    // The end of a story that left the cache, or news of one that was never submitted.
    if (!story) return
    const sequences = before?.sequences ?? new Map<string, number>()
    sequences.set(subject, Math.max(sequence, sequences.get(subject) ?? 0))
    keep(id, { story, sequences })
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
    forget,
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
