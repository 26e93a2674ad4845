/** Every story as it stands, folded from STORY; what web says itself is folded before it is answered. */
import type { Bus } from '@sluice/kit/bus.ts'
import { type Followed, follow } from '@sluice/kit/follow.ts'
import type { Log } from '@sluice/kit/log.ts'
import { cardOf } from '@sluice/proto/card.ts'
import type { Envelope, EventId } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import { evolveProject, type Project } from '@sluice/proto/project.ts'
import type { Card, ParkedView } from '@sluice/proto/rest.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import { parkedIn } from './parked.ts'

export type Known = {
  card: Card
  text: string
  /** The whole fold; null once the story has ended: nothing more is decided about it. */
  story: Story | null
  /** What web said of it: said again, it is the same event. */
  said: ReadonlySet<EventId>
}

export type Stories = {
  get(id: string): Known | undefined
  all(): Known[]
  project(id: string): Project | null
  /** Messages nobody could read and requests given up, oldest first. */
  parked(): (ParkedView & { request: EventId | null })[]
  /** The last sequence of STORY that is folded in. */
  sequence(): number
  /** Resolves when all that was recorded before the start is folded in. */
  ready: Promise<void>
  /** Publishes, and resolves when the event is folded in here too. */
  record(event: Envelope): Promise<void>
}

export type StoriesOptions = {
  bus: Bus
  log: Log
  signal: AbortSignal
  /** Called for every story once caught up, then whenever one has changed. */
  onChange(story: Story): void
  /** Called for every story that had ended already when something was still said of it. */
  onLate?(storyId: string): void
}

export function openStories({
  bus,
  log,
  signal,
  onChange,
  onLate,
}: StoriesOptions): Stories & { ended: Promise<void> } {
  const known = new Map<string, Known>()
  const projects = new Map<string, Project>()
  const parked: (ParkedView & { request: EventId | null })[] = []
  const awaited = new Map<EventId, PromiseWithResolvers<void>>()
  const { promise: ready, resolve: caughtUp } = Promise.withResolvers<void>()
  let sequence = 0
  let isReady = false

  function onEvent(followed: Followed): void {
    sequence = followed.sequence
    // A story that cannot be folded must not stop the others.
    try {
      if (followed.event.storyId) foldStory(followed.event.storyId, followed)
      else foldProject(followed.event)
    } catch (error) {
      log.error({ err: error, event: followed.event.id }, 'could not be folded in')
    }
    awaited.get(followed.event.id)?.resolve()
  }

  function foldStory(id: string, { event, sequence: at }: Followed): void {
    parked.push(...parkedIn(event, at))
    const before = known.get(id)
    if (before && !before.story) {
      if (isReady) onLate?.(id)
      return
    }
    const story = evolve(before?.story ?? null, event)
    if (!story) return
    const said = event.source === 'web' ? new Set([...(before?.said ?? []), event.id]) : (before?.said ?? new Set())
    const kept = story.status === 'running' ? story : null
    known.set(id, { card: cardOf(story, at), text: story.submitted.text, story: kept, said })
    if (isReady) onChange(story)
  }

  function foldProject(event: Event): void {
    const project = evolveProject(projects.get(event.projectId) ?? null, event)
    if (project) projects.set(project.id, project)
  }

  function onCaughtUp(): void {
    isReady = true
    caughtUp()
    for (const { story } of known.values()) if (story) onChange(story)
  }

  return {
    get: (id) => known.get(id),
    all: () => [...known.values()],
    project: (id) => projects.get(id) ?? null,
    parked: () => parked,
    sequence: () => sequence,
    ready,
    async record(event) {
      const folded = awaited.get(event.id) ?? Promise.withResolvers<void>()
      awaited.set(event.id, folded)
      try {
        // A duplicate is in the stream already: it was folded in long ago, or comes like any other.
        const { duplicate, sequence: at } = await bus.publish(event)
        if (!(duplicate && at <= sequence)) await folded.promise
      } finally {
        awaited.delete(event.id)
      }
    },
    ended: follow({ bus, log, signal, onEvent, onCaughtUp }),
  }
}
