/** Where a story waited for a person, as spans: at its gates, and wherever it stood still. Pure. */

import type { Event } from '@sluice/proto/events.ts'
import { pipeline } from '@sluice/proto/pipeline.ts'
import type { Span } from '@sluice/proto/rest.ts'
import { spanIdOf } from '../trace.ts'
import type { Asked } from './requests.ts'
import { free, millis, type Placed } from './span.ts'

/** From the opening of a gate to the decision about what it showed. */
export function gateWaits(events: readonly Event[], asked: readonly Asked[], storyEnded: number | null): Placed[] {
  return events.flatMap((opened, i) => {
    if (opened.type !== 'gate.opened') return []
    const { gate, digest } = opened.data
    const decided = events
      .slice(i)
      .find((event): event is Decision => isDecision(event) && event.data.gate === gate && event.data.digest === digest)
    const outcome = decided ? decisionText(decided) : 'waits for a person'
    const at = { start: millis(opened.time), end: decided ? millis(decided.time) : storyEnded, outcome }
    const attributes = {
      'sluice.gate': gate,
      'sluice.outcome': decided?.type ?? (storyEnded === null ? 'open' : 'ended_with_story'),
    }
    const span = wait(`gate ${gate}`, opened, { ...at, attributes })
    return [{ stage: stageOfGate(gate, opened, asked), span, below: [] }]
  })
}

type Decision = Extract<Event, { type: 'gate.approved' | 'gate.rejected' }>
export const isDecision = (event: Event): event is Decision =>
  event.type === 'gate.approved' || event.type === 'gate.rejected'

function decisionText(decided: Decision): string {
  const { data } = decided
  return 'comment' in data && decided.type === 'gate.rejected'
    ? `sent back by ${data.by}: ${data.comment}`
    : `approved by ${data.by}`
}

/** The round that was last asked for when the gate opened. */
function stageOfGate(gate: string, opened: Event, asked: readonly Asked[]): string {
  const isOfGate = (stage: string) => stage === gate || stage.startsWith(`${gate}, `)
  const last = asked.findLast(({ stage, request }) => isOfGate(stage) && request.time <= opened.time)
  return last?.stage ?? pipeline.find(({ stage }) => stage === gate)?.stage ?? gate
}

/** From a paused or failed answer to what set the story going again. */
export function standstills(events: readonly Event[], asked: readonly Asked[], storyEnded: number | null): Placed[] {
  return asked.flatMap(({ closing, stage, who }) => {
    const stopped = closing && standsStill(closing)
    if (!closing || !stopped) return []
    const resumed = events.slice(events.indexOf(closing)).find((event) => stopped.ends(event))
    const outcome = resumed ? `${resumed.type} by person` : 'waits for a person'
    const times = { start: millis(closing.time), end: resumed ? millis(resumed.time) : storyEnded }
    const attributes = {
      'sluice.waiting': stopped.name,
      'sluice.outcome': resumed?.type ?? (storyEnded === null ? 'open' : 'ended_with_story'),
    }
    return [{ stage, span: wait(`${who}: ${stopped.name}`, closing, { ...times, outcome, attributes }), below: [] }]
  })
}

type StandStill = { name: string; ends(event: Event): boolean }

function standsStill(closing: NonNullable<Asked['closing']>): StandStill | null {
  const retried = (event: Event) => event.type === 'story.retried'
  if (closing.type === 'timer.due') return { name: 'deadline passed', ends: retried }
  if ('reason' in closing.data) return { name: 'failed', ends: retried }
  if (!('waiting' in closing.data)) return null

  const { waiting, request } = closing.data
  const answered = (event: Event) => event.type === 'question.answered' && event.data.request === request
  if (waiting.kind === 'questions') return { name: 'questions', ends: answered }
  if (waiting.kind === 'budget') return { name: 'budget', ends: (event) => event.type === 'budget.raised' }
  return { name: waiting.kind, ends: retried }
}

/** The span in which a person had the word after an event. */
export const personSpanId = (event: string): string => spanIdOf(`${event} person`)

const wait = (name: string, event: Event, at: Pick<Span, 'start' | 'end' | 'outcome' | 'attributes'>): Span => ({
  ...{ id: personSpanId(event.id), parent: null, name, service: 'person', kind: 'person', ...free },
  ...at,
  links: [spanIdOf(event.id)],
  event: event.id,
})
