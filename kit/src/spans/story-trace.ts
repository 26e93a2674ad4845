/** A story as spans over services: what was asked of whom, how long it waited, what it cost, who decided. Pure. */

import { titleOf } from '@sluice/proto/card.ts'
import { type Event, maySay, RunPacked, WorktreeSecured } from '@sluice/proto/events.ts'
import type { Span, Trace } from '@sluice/proto/rest.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import type { StoryRun } from '../runs.ts'
import { spanIdOf, traceIdOf } from '../trace.ts'
import { withEvents } from './event-spans.ts'
import { askedIn, requestSpans } from './requests.ts'
import { slotWaits } from './slots.ts'
import { millis, type Placed, tokensOf } from './span.ts'
import { gateWaits, standstills } from './waits.ts'

/** Of events in the order of the log; those of a source that may not say them are left out, as in the fold. */
export function traceOf(events: readonly Event[], runs: readonly StoryRun[]): Trace {
  const story = events.reduce<Story | null>(evolve, null)
  if (!story) return { storyId: '', traceId: '', spans: [] }
  const counted = events.filter((event) => maySay(event, story.policy.seats) && !housekeeping.has(event.type))
  const ended = counted.find(({ type }) => type === 'story.shipped' || type === 'story.cancelled')
  const endedAt = ended ? millis(ended.time) : null

  const asked = askedIn(counted)
  const root = rootSpan(story, counted, endedAt)
  const placed = [
    ...asked.map((one) => requestSpans(one, runs, endedAt)),
    ...slotWaits(story, counted, asked),
    ...gateWaits(counted, asked, endedAt),
    ...standstills(counted, asked, endedAt),
  ]
  const { traceparent: caller } = story.submitted
  return {
    ...{ storyId: story.id, traceId: traceIdOf({ storyId: story.id, projectId: story.projectId }) },
    spans: withEvents([root, ...stages(root, placed)], { events: counted, asked }),
    ...(caller ? { caller } : {}),
  }
}

/** What becomes of an ended story's disk is no part of what happened in it. */
const housekeeping: ReadonlySet<string> = new Set([RunPacked.type, WorktreeSecured.type])

function rootSpan(story: Story, events: readonly Event[], end: number | null): Span {
  const { usage, submitted } = story
  return {
    ...{ id: spanIdOf(`${story.id} story`), parent: null, name: titleOf(story), service: 'web', kind: 'story' },
    ...{ start: millis(submitted.at), end, costUsd: usage.costUsd, tokens: tokensOf(usage) },
    ...{
      outcome: story.shipped ? `shipped ${story.shipped.commit.slice(0, 12)}` : story.status,
      event: submitted.event,
    },
    attributes: {
      'sluice.story.id': story.id,
      'sluice.project.id': story.projectId,
      'sluice.outcome': story.status,
      'sluice.round': story.round,
      'sluice.events': events.length,
      'sluice.auto': submitted.auto === true,
      ...(usage.costUsd > 0 ? { 'sluice.cost_usd': usage.costUsd } : {}),
    },
  }
}

/** How the last of a stage ended; seats are asked together, and one that rejects decides for all. */
function outcomeOf(inOrder: readonly Span[]): string {
  const last = inOrder.at(-1)
  const rejecting = inOrder.filter(({ start, outcome }) => start === last?.start && outcome.startsWith('reject'))
  return rejecting.length > 0 ? `rejected by ${rejecting.map(({ name }) => name).join(', ')}` : (last?.outcome ?? '')
}

/** A stage lasts from its first wait or request to the end of its last; rounds are stages of their own. */
function stages(root: Span, placed: readonly Placed[]): Span[] {
  const byStage = Map.groupBy(placed, ({ stage }) => stage)
  const all = [...byStage].map(([name, parts]) => {
    const id = spanIdOf(`${root.id} ${name}`)
    const inOrder = parts.toSorted((a, b) => a.span.start - b.span.start)
    const tops = inOrder.map(({ span }) => span)
    const stage: Span = {
      ...{ id, parent: root.id, name, service: 'orchestrator', kind: 'stage', event: null },
      start: Math.min(...tops.map(({ start }) => start)),
      end: tops.some(({ end }) => end === null) ? null : Math.max(...tops.map(({ end }) => end ?? 0)),
      costUsd: tops.reduce((sum, { costUsd }) => sum + costUsd, 0),
      tokens: tops.reduce((sum, { tokens }) => sum + tokens, 0),
      outcome: outcomeOf(tops),
      attributes: { 'sluice.stage': name },
    }
    return { stage, below: inOrder.flatMap(({ span, below }) => [{ ...span, parent: id }, ...below]) }
  })
  return all.sort((a, b) => a.stage.start - b.stage.start).flatMap(({ stage, below }) => [stage, ...below])
}
