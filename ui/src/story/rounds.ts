/** The rounds of a story as its events tell them: what was built, what each seat said of exactly that. */
import type { Event } from '@sluice/proto/events.ts'
import { maySay } from '@sluice/proto/events.ts'
import type { Finding, Severity } from '@sluice/proto/parts.ts'
import type { BuildResult, Story, Verdict } from '@sluice/proto/story.ts'

export type Round = { round: number; at: string; build: BuildResult; verdicts: Verdict[] }

/** Oldest first. A verdict stands with the build it names; the first of a seat counts. */
export function roundsOf(events: readonly Event[], seats: readonly string[]): Round[] {
  const asked = new Map<string, number>()
  const rounds: Round[] = []
  for (const event of events) {
    if (!maySay(event, seats)) continue
    if (event.type === 'build.requested') asked.set(event.id, event.data.round)
    if (event.type === 'build.completed' && asked.has(event.data.request)) {
      rounds.push({ round: asked.get(event.data.request) ?? 0, at: event.time, build: event.data, verdicts: [] })
      asked.delete(event.data.request)
    }
    if (event.type === 'review.completed' && event.data.seat === event.source) {
      const round = rounds.findLast(({ build }) => build.judged.commit === event.data.judged.commit)
      if (round && !round.verdicts.some(({ seat }) => seat === event.data.seat)) round.verdicts.push(event.data)
    }
  }
  return rounds
}

export type Standing = { is: 'open' } | { is: 'resolved' } | { is: 'dismissed'; reason: string; by: string }

export function standingOf(story: Pick<Story, 'dismissed' | 'resolved'>, { id }: Finding): Standing {
  const dismissed = story.dismissed[id]
  if (dismissed) return { is: 'dismissed', ...dismissed }
  return story.resolved[id] ? { is: 'resolved' } : { is: 'open' }
}

const weight: Record<Severity, number> = { high: 0, medium: 1, low: 2, info: 3 }

/** What blocks first, then by severity. */
export const bySeverity = (a: Finding, b: Finding): number =>
  Number(b.blocking) - Number(a.blocking) || weight[a.severity] - weight[b.severity]
