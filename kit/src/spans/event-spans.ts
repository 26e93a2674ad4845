/** Everything said in a story as spans without length: who published what, beneath what, and what caused it. Pure. */
import type { Event } from '@sluice/proto/events.ts'
import type { Span } from '@sluice/proto/rest.ts'
import { spanIdOf } from '../trace.ts'
import { type Asked, requestSpanId } from './requests.ts'
import { free, messageAttributes, millis } from './span.ts'
import { isDecision, personSpanId } from './waits.ts'

type Said = { events: readonly Event[]; asked: readonly Asked[] }

/** The spans that are there, then one for each event: its id is the one its `traceparent` names. */
export function withEvents(spans: readonly Span[], said: Said): Span[] {
  const [root] = spans
  if (!root) return []
  const byId = new Map(spans.map((span) => [span.id, span]))
  const known = new Set(said.events.map(({ id }) => id))
  const published = said.events.map((event): Span => {
    const at = millis(event.time)
    const causes = [event.causationId, ...verdictsBehind(event, said.events)].filter((id) => id !== null)
    const links = [...new Set(causes)].filter((id) => known.has(id)).map(spanIdOf)
    return {
      ...{ id: spanIdOf(event.id), parent: parentOf(event, said, byId) ?? root.id },
      ...{ name: event.type, service: event.source, kind: 'event', start: at, end: at, ...free },
      ...{ outcome: 'published', event: event.id },
      ...(links.length > 0 ? { links } : {}),
      attributes: {
        ...messageAttributes(event),
        'messaging.operation.name': 'publish',
        'messaging.operation.type': 'send',
      },
    }
  })
  return [...spans, ...published]
}

/** A request stands in its stage, an answer under what it answers, a decision under its gate, all else under the story. */
function parentOf(event: Event, { events, asked }: Said, byId: ReadonlyMap<string, Span>): string | null {
  const request = asked.find((one) => one.request.id === event.id)
  if (request) return byId.get(requestSpanId(event.id, request.who))?.parent ?? null
  if (event.type === 'gate.opened') return byId.get(personSpanId(event.id))?.parent ?? null
  if (isDecision(event)) {
    const { gate, digest } = event.data
    const opened = events.find((e) => e.type === 'gate.opened' && e.data.gate === gate && e.data.digest === digest)
    return opened ? (byId.get(personSpanId(opened.id))?.id ?? null) : null
  }
  const answers = 'request' in event.data ? requestSpanId(event.data.request, event.source) : null
  return answers && byId.has(answers) ? answers : null
}

/** One verdict is the cause of a new round; the others whose findings it carries are causes as well. */
function verdictsBehind(event: Event, events: readonly Event[]): string[] {
  if (event.type !== 'build.requested') return []
  const carried = new Set(event.data.findings.map(({ id }) => id))
  return events.flatMap((one) =>
    one.type === 'review.completed' && one.data.findings.some(({ id }) => carried.has(id)) ? [one.id] : [],
  )
}
