/** A collector: takes OTLP over HTTP, both encodings, and keeps what it was told. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import protobuf from 'protobufjs/light.js'

export type ReceivedSpan = {
  traceId: string
  spanId: string
  parentSpanId: string
  name: string
  kind: number
  start: number
  end: number
  failed: boolean
  attributes: Record<string, unknown>
  links: { traceId: string; spanId: string }[]
  resource: Record<string, unknown>
}

export type Delivery = { type: string; headers: IncomingMessage['headers']; body: Buffer; spans: ReceivedSpan[] }

/** Longer than any step takes on a machine with other things to do. */
const PATIENCE_MS = 90_000

/** `answer` is asked before a delivery is taken: another status than 200 refuses it. */
export async function startReceiver({ answer = async () => 200 as number, port = 0 } = {}) {
  const deliveries: Delivery[] = []
  const watchers = new Set<() => void>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const status = request.url === '/v1/traces' && request.method === 'POST' ? await answer() : 404
    const body = Buffer.concat(chunks)
    const type = request.headers['content-type'] ?? ''
    if (status === 200) deliveries.push({ type, headers: request.headers, body, spans: spansIn(type, body) })
    response.writeHead(status, { 'content-type': type }).end(type === 'application/json' ? '{}' : '')
    for (const look of watchers) look()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const spans = () => deliveries.flatMap((delivery) => delivery.spans)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliveries,
    spans,
    /** Resolves when what was taken satisfies `is`. */
    async until(is: (spans: ReceivedSpan[]) => boolean): Promise<ReceivedSpan[]> {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const told = () =>
        spans()
          .map(({ name }) => name)
          .join(', ')
      const timer = setTimeout(() => reject(new Error(`Waited in vain; told of: ${told()}`)), PATIENCE_MS)
      const look = () => void (is(spans()) && resolve())
      watchers.add(look)
      look()
      await promise.finally(() => {
        clearTimeout(timer)
        watchers.delete(look)
      })
      return spans()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

type Value = {
  stringValue?: string
  intValue?: unknown
  doubleValue?: number
  boolValue?: boolean
  arrayValue?: { values: Value[] }
}
type Attribute = { key: string; value: Value }
type Id = string | Uint8Array
type TracesData = {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: {
      spans: {
        traceId: Id
        spanId: Id
        parentSpanId?: Id
        name: string
        kind: number
        startTimeUnixNano: unknown
        endTimeUnixNano: unknown
        attributes?: Attribute[]
        links?: { traceId: Id; spanId: Id }[]
        status?: { code?: number }
      }[]
    }[]
  }[]
}

function spansIn(type: string, body: Buffer): ReceivedSpan[] {
  const data = (
    type === 'application/json' ? JSON.parse(body.toString()) : TracesData.toObject(TracesData.decode(body))
  ) as TracesData
  return data.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...{ traceId: hex(span.traceId), spanId: hex(span.spanId), parentSpanId: hex(span.parentSpanId ?? '') },
        ...{ name: span.name, kind: span.kind, failed: span.status?.code === 2 },
        ...{ start: Number(span.startTimeUnixNano) / 1e6, end: Number(span.endTimeUnixNano) / 1e6 },
        attributes: valuesOf(span.attributes ?? []),
        links: (span.links ?? []).map((link) => ({ traceId: hex(link.traceId), spanId: hex(link.spanId) })),
        resource: valuesOf(resource.attributes),
      })),
    ),
  )
}

const hex = (id: Id): string => (typeof id === 'string' ? id : Buffer.from(id).toString('hex'))
const valuesOf = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]))
const plain = ({ stringValue, intValue, doubleValue, boolValue, arrayValue }: Value): unknown =>
  arrayValue?.values.map(plain) ?? stringValue ?? boolValue ?? doubleValue ?? Number(intValue)

/** The part of opentelemetry-proto that tests look at (trace/v1/trace.proto, common/v1/common.proto), by its numbers. */
const field = (id: number, type: string, rule?: 'repeated') => ({ id, type, ...(rule ? { rule } : {}) })
const message = (fields: Record<string, ReturnType<typeof field>>) => ({ fields })
const TracesData = protobuf.Root.fromJSON({
  nested: {
    TracesData: message({ resourceSpans: field(1, 'ResourceSpans', 'repeated') }),
    ResourceSpans: message({ resource: field(1, 'Resource'), scopeSpans: field(2, 'ScopeSpans', 'repeated') }),
    Resource: message({ attributes: field(1, 'KeyValue', 'repeated') }),
    ScopeSpans: message({ spans: field(2, 'Span', 'repeated') }),
    Span: message({
      traceId: field(1, 'bytes'),
      spanId: field(2, 'bytes'),
      parentSpanId: field(4, 'bytes'),
      name: field(5, 'string'),
      kind: field(6, 'int32'),
      startTimeUnixNano: field(7, 'fixed64'),
      endTimeUnixNano: field(8, 'fixed64'),
      attributes: field(9, 'KeyValue', 'repeated'),
      links: field(13, 'Link', 'repeated'),
      status: field(15, 'Status'),
    }),
    Link: message({ traceId: field(1, 'bytes'), spanId: field(2, 'bytes') }),
    Status: message({ code: field(3, 'int32') }),
    KeyValue: message({ key: field(1, 'string'), value: field(2, 'AnyValue') }),
    AnyValue: {
      oneofs: { value: { oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue'] } },
      ...message({
        stringValue: field(1, 'string'),
        boolValue: field(2, 'bool'),
        intValue: field(3, 'int64'),
        doubleValue: field(4, 'double'),
        arrayValue: field(5, 'ArrayValue'),
      }),
    },
    ArrayValue: message({ values: field(1, 'AnyValue', 'repeated') }),
  },
}).lookupType('TracesData')
