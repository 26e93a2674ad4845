/** What no single story says: the fold of a project's own events, and who may take the next slot. */
import type { EventId, Instant } from './event.ts'
import { type Event, maySay } from './events.ts'
import { checksSeat, defaultSeats } from './pipeline.ts'
import type { Sitting } from './seat.ts'
import type { Step, Story } from './story.ts'

export type Project = {
  id: string
  name: string
  root: string
  base: string
  demo: boolean
  /** How many builds may run at once. */
  builds: number
  /** Who sits where; `required` seats must sign every story that is submitted from here on. */
  seats: Record<string, { sitting: Sitting; required: boolean }>
  updated: Instant
  seen: ReadonlySet<EventId>
}

export const emptyProject = null
export const defaultBuilds = 4

const ownSeats: Project['seats'] = Object.fromEntries(
  defaultSeats.map((seat) => [seat, { sitting: { kind: 'builtin', program: seat }, required: true }]),
)

export function evolveProject(project: Project | null, event: Event): Project | null {
  if (project?.seen.has(event.id) || !maySay(event)) return project
  const seen = new Set([...(project?.seen ?? []), event.id])
  if (event.type === 'project.attached') {
    const begun = project ?? { builds: defaultBuilds, seats: ownSeats }
    return { ...begun, id: event.projectId, ...event.data, updated: event.time, seen }
  }
  return project && { ...changed(project, event), updated: event.time, seen }
}

function changed(project: Project, event: Event): Project {
  if (event.type === 'project.limited') return { ...project, builds: event.data.builds }
  if (event.type === 'seat.filled') {
    const { seat, ...filled } = event.data
    return { ...project, seats: { ...project.seats, [seat]: filled } }
  }
  if (event.type === 'seat.closed' && event.data.seat !== checksSeat) {
    const { [event.data.seat]: _, ...seats } = project.seats
    return { ...project, seats }
  }
  return project
}

/** The seats that must sign a story that is submitted now. */
export const requiredSeats = ({ seats }: Pick<Project, 'seats'> = { seats: ownSeats }): string[] =>
  Object.keys(seats).filter((seat) => seats[seat]?.required)

/** A wish for a slot: to build, or to take the merge turn (or go on in it). */
export type Wish = { storyId: string; slot: 'build' | 'merge' }

/**
 * Which of the wishes may be asked now. Pure: slots are read from the states of the project's stories, so
 * admission writes nothing. Builds are counted; the merge turn belongs to one story per repository, from its
 * rebase until it landed, went back or waits for a person (docs/decisions/0001-merge-turn.md).
 */
export function admit<W extends Wish>(builds: number, stories: Iterable<Story>, wishes: readonly W[]): W[] {
  const all = [...stories]
  let free = builds - all.filter(isBuilding).length
  let merging = all.find(holdsMergeTurn)?.id

  const since = new Map(all.map((story) => [story.id, waitingSince(story)]))
  const inOrder = [...wishes].sort((a, b) => (since.get(a.storyId) ?? '').localeCompare(since.get(b.storyId) ?? ''))
  return inOrder.filter((wish) => {
    if (wish.slot === 'build') return free-- > 0
    merging ??= wish.storyId
    return merging === wish.storyId
  })
}

export const isBuilding = (story: Story): boolean => story.status === 'running' && story.steps.build.at === 'asked'

/** From the rebase request on, until the story landed, went back to a round, or stands still. */
export function holdsMergeTurn(story: Story): boolean {
  // Nobody waits for a person who holds their story.
  if (story.status !== 'running' || !story.approvals.review || story.hold) return false
  const { rebase, land, build } = story.steps
  const stands = [rebase, land, ...Object.values(story.seats)].some((s) => s.at === 'paused' || s.at === 'failed')
  if (stands || build.at !== 'done') return false
  return rebase.at === 'asked' || rebase.at === 'done' || land.at === 'asked'
}

function waitingSince(story: Story): string {
  const waiting: Step<unknown>[] = [story.steps.build, story.steps.rebase, story.steps.land]
  return waiting.flatMap((s) => (s.at === 'owed' ? [s.since] : [])).sort()[0] ?? story.submitted.at
}
