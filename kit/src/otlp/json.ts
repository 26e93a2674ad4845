/** A trace as one OTLP request in JSON: what a collector takes at `/v1/traces`, and viewers open as a file. */
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { Trace } from '@sluice/proto/rest.ts'
import { readableSpans } from './readable.ts'

export const otlpJson = (trace: Trace, now: number): string =>
  new TextDecoder().decode(JsonTraceSerializer.serializeRequest(readableSpans(trace, { now })))
