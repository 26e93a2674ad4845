/** Where a story waited for a person, as spans: at its gates, and wherever it stood still. Pure. */
import { spanIdOf } from '@sluice/kit/trace.ts'
import type { Event } from '@sluice/proto/events.ts'
import { pipeline } from '@sluice/proto/pipeline.ts'
import type { Span } from '@sluice/proto/rest.ts'
import { free, millis, type Placed } from './span.ts'
import type { Asked } from './trace-requests.ts'

/** From the opening of a gate to the decision about what it showed. */
export function gateWaits(events: readonly Event[], asked: readonly Asked[], storyEnded: number | null): Placed[] {
  return events.flatMap((opened, i) => {
    if (opened.type !== 'gate.opened') return []
    const { gate, digest } = opened.data
    const decided = events.slice(i).find((event) => {
      const isDecision = event.type === 'gate.approved' || event.type === 'gate.rejected'
      return isDecision && event.data.gate === gate && event.data.digest === digest
    })
    const outcome = decided ? decisionText(decided) : 'waits for a person'
    const times = { start: millis(opened.time), end: decided ? millis(decided.time) : storyEnded }
    return [
      { stage: stageOfGate(gate, opened, asked), span: wait(`gate ${gate}`, opened, { ...times, outcome }), below: [] },
    ]
  })
}

function decisionText(decided: Event): string {
  if (decided.type === 'gate.approved') return `approved by ${decided.data.by}`
  return decided.type === 'gate.rejected' ? `sent back by ${decided.data.by}: ${decided.data.comment}` : ''
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
    return [{ stage, span: wait(`${who}: ${stopped.name}`, closing, { ...times, outcome }), below: [] }]
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

const wait = (name: string, event: Event, at: Pick<Span, 'start' | 'end' | 'outcome'>): Span => ({
  ...{ id: spanIdOf(event.id), parent: null, name, service: 'person', kind: 'person', ...free },
  ...at,
  event: event.id,
})
