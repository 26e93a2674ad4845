/** Sends spans to a collector over OTLP, by OpenTelemetry's own exporter and as its standard variables say. */
import type { Attributes } from '@opentelemetry/api'
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http'
import {
  JsonTraceSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer'
import { detectResources, envDetector } from '@opentelemetry/resources'
import { Refusal } from '../errors.ts'
import type { ReadableSpan } from './readable.ts'
import { collectorIn, type Env } from './wanted.ts'

export type Sent = {
  bytesOut: number
  bytesIn: number
  /** Why the collector did not take them; null when it did. */
  problem: string | null
  /** Spans it says it will never take; sending them again would change nothing. */
  rejected: number
}

export type Exporter = AsyncDisposable & {
  /** `host:port` of the collector. */
  host: string
  send(spans: readonly ReadableSpan[]): Promise<Sent>
}

const set = (text: string | undefined): string | null => text?.trim() || null

/** Reads `process.env`, as OpenTelemetry's packages do. */
export function openExporter(env: Env = process.env): Exporter {
  const { contentType, serializer } = wireOf(env)
  const options = convertLegacyHttpOptions({}, 'TRACES', 'v1/traces', { 'Content-Type': contentType })
  const asked = collectorIn(env) ?? ''
  const url = URL.parse(asked)
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new Refusal(`${asked} is no address of a collector.`, 'Set OTEL_EXPORTER_OTLP_ENDPOINT to http://HOST:4318.')

  let bytesOut = 0
  let bytesIn = 0
  let rejected = 0
  const counting: typeof serializer = {
    serializeRequest(spans) {
      const bytes = serializer.serializeRequest(spans)
      bytesOut += bytes?.length ?? 0
      return bytes
    },
    deserializeResponse(data) {
      bytesIn += data.length
      const response = serializer.deserializeResponse(data)
      rejected += Number(response.partialSuccess?.rejectedSpans ?? 0)
      return response
    },
  }
  const delegate = createOtlpHttpExportDelegate(
    options,
    counting,
    'otlp_http_span_exporter',
    TraceExporterMetricsHelper,
    undefined,
  )

  return {
    host: url.host,
    async send(spans) {
      bytesOut = bytesIn = rejected = 0
      const { promise, resolve } = Promise.withResolvers<string | null>()
      delegate.export([...spans], ({ error, code }) => resolve(code === 0 ? null : (error?.message ?? 'failed')))
      const problem = await promise
      return { bytesOut, bytesIn, rejected, problem }
    },
    [Symbol.asyncDispose]: () => delegate.shutdown(),
  }
}

function wireOf(env: Env) {
  const protocol =
    set(env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL) ?? set(env.OTEL_EXPORTER_OTLP_PROTOCOL) ?? 'http/protobuf'
  if (protocol === 'http/json') return { contentType: 'application/json', serializer: JsonTraceSerializer }
  if (protocol === 'http/protobuf')
    return { contentType: 'application/x-protobuf', serializer: ProtobufTraceSerializer }
  throw new Refusal(
    `Sluice does not export over ${protocol}.`,
    'Set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json, and the endpoint to the collector’s HTTP port (4318).',
  )
}

/** `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_SERVICE_NAME`. */
export const givenResource = (): Attributes => detectResources({ detectors: [envDetector] }).attributes as Attributes
