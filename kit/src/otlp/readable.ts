/** The spans of a story as OpenTelemetry's exporters take them. Pure. */
import { type Attributes, type Link, type SpanContext, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import type { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { Span, Trace } from '@sluice/proto/rest.ts'
import pack from '../../package.json' with { type: 'json' }
import { errorType, kindOf, nameOf } from './named.ts'

export type ReadableSpan = Parameters<typeof JsonTraceSerializer.serializeRequest>[0][number]

export type ReadableOptions = {
  /** Of every span; `service.name` here is the name of all of them, whichever service they are of. */
  resource?: Attributes
  /** Titles, commands and sentences go along. */
  content?: boolean
  /** Spans that have not ended end here, and say so. */
  now: number
}

const scope = { name: 'sluice', version: pack.version }

/** Each service is a resource of its own, so that a backend shows one trace over services. */
export function readableSpans({ traceId, spans, caller }: Trace, options: ReadableOptions): ReadableSpan[] {
  const resourceOf = resources(options.resource ?? {})
  const context = (spanId: string): SpanContext => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED })
  return spans.map((span) => {
    const end = Math.max(span.start, span.end ?? options.now)
    const links: Link[] = (span.links ?? []).map((id) => ({ context: context(id) }))
    if (span.kind === 'story' && caller) links.push({ context: callerContext(caller) })
    return {
      ...{ name: nameOf(span), kind: kindOf(span), spanContext: () => context(span.id) },
      ...(span.parent ? { parentSpanContext: context(span.parent) } : {}),
      ...{ startTime: hrTime(span.start), endTime: hrTime(end), duration: hrTime(end - span.start), ended: true },
      ...{ status: statusOf(span, options), attributes: attributesOf(span, options), links, events: [] },
      ...{ resource: resourceOf(span.service), instrumentationScope: scope },
      ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
    }
  })
}

/** One object for each service: the serializers group by it. */
function resources(given: Attributes): (service: string) => Resource {
  const known = new Map<string, Resource>()
  return (service) => {
    const own = { 'service.name': service, 'service.namespace': 'sluice', 'service.version': pack.version }
    const resource = known.get(service) ?? resourceFromAttributes({ ...own, ...given })
    known.set(service, resource)
    return resource
  }
}

const statusOf = (span: Span, { content }: ReadableOptions) =>
  span.failed
    ? { code: SpanStatusCode.ERROR, message: content ? span.outcome : errorType(span) }
    : { code: SpanStatusCode.UNSET }

function attributesOf(span: Span, { content }: ReadableOptions): Attributes {
  return {
    'sluice.service': span.service,
    'sluice.kind': span.kind,
    ...(span.event ? { 'sluice.event.id': span.event } : {}),
    ...(span.end === null ? { 'sluice.open': true } : {}),
    ...span.attributes,
    ...(span.failed ? { 'error.type': errorType(span) } : {}),
    ...(content ? { 'sluice.title': span.name, 'sluice.outcome.text': span.outcome } : {}),
  }
}

const hrTime = (ms: number): [number, number] => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)]

/** `00-<trace>-<span>-<flags>` */
function callerContext(traceparent: string): SpanContext {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-')
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
}
