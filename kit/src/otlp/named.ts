/** What a span is called outside, and what of it may leave: conventions of OpenTelemetry, and nothing that anybody wrote. */
import { SpanKind } from '@opentelemetry/api'
import type { Span } from '@sluice/proto/rest.ts'

type Kind = Span['kind']

const kinds: Partial<Record<Kind, SpanKind>> = {
  event: SpanKind.PRODUCER,
  attempt: SpanKind.CONSUMER,
  model: SpanKind.CLIENT,
}

export const kindOf = ({ kind }: Span): SpanKind => kinds[kind] ?? SpanKind.INTERNAL

/** Few different names, so that a backend can count by them; titles, commands and sentences are content. */
export function nameOf({ kind, name, attributes = {} }: Span): string {
  switch (kind) {
    case 'story':
      return 'story'
    case 'event':
      return `publish ${name}`
    case 'attempt':
      return `process ${subjectType(attributes)}`
    case 'model':
      return ['chat', attributes['gen_ai.request.model'] ?? attributes['gen_ai.response.model']]
        .filter(Boolean)
        .join(' ')
    case 'tool':
      return `execute_tool ${attributes['gen_ai.tool.name']}`
    case 'check':
      return 'check'
    default:
      return name
  }
}

/** `story.<id>.scope.requested.orchestrator` → `scope.requested` */
const subjectType = (attributes: NonNullable<Span['attributes']>): string =>
  String(attributes['messaging.destination.name'] ?? '')
    .split('.')
    .slice(2, 4)
    .join('.')

/** How a span that went wrong did, in a word: OpenTelemetry's `error.type`. */
export function errorType({ kind, outcome, attributes = {} }: Span): string {
  const code = attributes['sluice.outcome']
  if (typeof code === 'string') return code
  return /^(interrupted|stopped|not ended)$/.test(outcome) ? outcome.replaceAll(' ', '_') : `${kind}_failed`
}
