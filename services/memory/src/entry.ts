/** What is remembered of a shipped story: what was asked, what was done, what reviewers found and how it was mended. */
import type { Instant } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import type { Finding } from '@sluice/proto/parts.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import type { Heard } from './standing.ts'

export type MemoryEntry = {
  /** The story's id; of history `commit-<id>`. */
  id: string
  origin: 'story' | 'history'
  projectId: string
  /** What it was learnt from, oldest first. */
  from: Heard[]
  at: Instant
  title: string
  /** All that is searched beside title and paths. */
  body: string
  /** What a later prompt is shown. */
  summary: string
  files: string[]
  /** What is on the base. */
  commit: string
  /** Every commit it is or was known by: whoever reverts one of them takes it back. */
  commits: string[]
}

/** Of a story's whole log; null while it has not shipped. */
export function entryOf(log: readonly Event[]): MemoryEntry | null {
  let story: Story | null = null
  const done = new Map<string, string>()
  for (const event of log) {
    story = evolve(story, event)
    const build = story?.steps.build
    if (build?.at === 'done') done.set(build.event, build.result.summary)
    if (story?.shipped)
      return rememberedOf(story, { log, shipped: event, notes: notesOf(log), done: [...new Set(done.values())] })
  }
  return null
}

/** `done`: what each round says of itself, in order; a later one speaks of findings only. */
type Told = { log: readonly Event[]; shipped: Event; notes: ReadonlyMap<string, string>; done: string[] }

function rememberedOf(story: Story, { log, shipped, notes, done }: Told): MemoryEntry {
  const { scope, architecture, build } = story.steps
  const requirements = scope.at === 'done' ? scope.result.requirements : null
  const tasks = architecture.at === 'done' ? architecture.result.tasks : []
  const built = build.at === 'done' ? build.result : null
  const asked = story.submitted.text.trim()
  const found = story.findings.map((finding) => foundAndMended(story, finding, notes))
  const criteria = requirements?.criteria.map(({ text }) => text) ?? []
  const planned = tasks.map(({ title, detail }) => `${title}\n${detail}`)

  const commit = story.shipped?.commit ?? ''

  return {
    id: story.id,
    origin: 'story',
    projectId: story.projectId,
    from: log.flatMap((event) => (learntFrom.has(event.type) ? [heardOf(event)] : [])),
    at: shipped.time,
    title: requirements?.title ?? story.submitted.title,
    body: [
      ...[story.submitted.title, asked, ...(requirements?.userStories ?? [])],
      ...[...criteria, ...planned, ...done, ...found],
    ].join('\n'),
    summary: summaryOf({ asked, done: done.join('\n'), tasks: tasks.map(({ title }) => title), found }),
    files: built?.files.map(({ path }) => path) ?? [],
    commit,
    commits: [...new Set([commit, ...log.flatMap(commitIn)])],
  }
}

const learntFrom: ReadonlySet<string> = new Set([
  ...['story.submitted', 'scope.completed', 'architecture.completed', 'build.completed', 'review.completed'],
  ...['finding.dismissed', 'story.shipped'],
])

const heardOf = ({ id, type, time }: Event): Heard => ({ kind: 'event', id, what: type, at: time })

/** Before it landed it was rebased: a branch of it may have been merged elsewhere and reverted from there. */
const commitIn = (event: Event): string[] => (event.type === 'build.completed' ? [event.data.judged.commit] : [])

/** What reviewers wrote beside 'resolved', by finding. */
const notesOf = (log: readonly Event[]): ReadonlyMap<string, string> =>
  new Map(
    log
      .flatMap((event) => (event.type === 'review.completed' ? event.data.earlier : []))
      .flatMap(({ findingId, resolved, note }) => (resolved ? [[findingId, note] as const] : [])),
  )

function foundAndMended(story: Story, finding: Finding, notes: ReadonlyMap<string, string>): string {
  const where = finding.path ? ` in ${finding.path}` : ''
  return `${finding.seat} (${finding.severity})${where}: ${finding.claim} ${outcomeOf(story, finding, notes)}`
}

function outcomeOf({ dismissed, resolved }: Story, { id }: Finding, notes: ReadonlyMap<string, string>): string {
  const dismissal = dismissed[id]
  if (dismissal) return `Dismissed by ${dismissal.by}: ${dismissal.reason}`
  return id in resolved ? `Mended: ${notes.get(id) || 'yes.'}` : 'Left as it was.'
}

/** Characters: four of these stand in a prompt, which has better things to hold. */
const LONGEST = { asked: 500, done: 600, tasks: 400, found: 900 }

function summaryOf(of: { asked: string; done: string; tasks: string[]; found: string[] }): string {
  const sections = [
    `Asked: ${clipped(of.asked, LONGEST.asked)}`,
    ...(of.tasks.length > 0 ? [`Planned: ${clipped(of.tasks.join('; '), LONGEST.tasks)}`] : []),
    `Done: ${clipped(of.done, LONGEST.done)}`,
    ...(of.found.length > 0
      ? [`Reviewers found:\n${clipped(of.found.map((f) => `- ${f}`).join('\n'), LONGEST.found)}`]
      : []),
  ]
  return sections.join('\n')
}

export const clipped = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text
