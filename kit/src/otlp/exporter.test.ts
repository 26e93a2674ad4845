/** Spans on their way to a collector: the same in both encodings, as the standard variables say. */
import type { Trace } from '@sluice/proto/rest.ts'
import { afterEach, expect, test, vi } from 'vitest'
import { startReceiver } from '../testing/otlp-receiver.ts'
import { givenResource, openExporter } from './exporter.ts'
import { readableSpans } from './readable.ts'

afterEach(() => vi.unstubAllEnvs())

const at = { costUsd: 0, tokens: 0, event: null, start: 1_000, end: 1_500.25 }
const caller = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`
const trace: Trace = {
  ...{ storyId: 's1', traceId: 'a'.repeat(32), caller },
  spans: [
    { ...at, id: '1'.repeat(16), parent: null, name: 'A title', service: 'web', kind: 'story', outcome: 'shipped' },
    {
      ...{ ...at, id: '2'.repeat(16), parent: '1'.repeat(16), name: 'shell: rm secret', service: 'implementer' },
      ...{ kind: 'tool', outcome: 'exit 2', failed: true, links: ['1'.repeat(16)] },
      attributes: { 'gen_ai.tool.name': 'shell', 'sluice.outcome': 'exit 2', 'process.exit.code': 2, list: ['x'] },
    },
  ],
}

test.for([
  ['http/json', 'application/json'],
  ['http/protobuf', 'application/x-protobuf'],
] as const)('over %s a collector reads what was meant, and no more', async ([protocol, type]) => {
  await using receiver = await startReceiver()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', protocol)
  vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=drafts')
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=desk')
  await using exporter = openExporter()

  const sent = await exporter.send(readableSpans(trace, { now: 0, resource: givenResource() }))

  const [delivery] = receiver.deliveries
  expect(sent).toMatchObject({ problem: null, rejected: 0, bytesOut: delivery?.body.length })
  expect([delivery?.type, delivery?.headers['x-tenant']]).toEqual([type, 'drafts'])
  const [story, tool] = delivery?.spans ?? []
  expect(story).toMatchObject({
    ...{ traceId: trace.traceId, parentSpanId: '', name: 'story', start: 1_000, end: 1_500.25, failed: false },
    links: [{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) }],
    resource: { 'service.name': 'web', 'service.namespace': 'sluice', 'deployment.environment.name': 'desk' },
  })
  expect(tool).toMatchObject({
    ...{ parentSpanId: '1'.repeat(16), name: 'execute_tool shell', failed: true },
    attributes: { 'process.exit.code': 2, list: ['x'], 'error.type': 'exit 2' },
    links: [{ traceId: trace.traceId, spanId: '1'.repeat(16) }],
    resource: { 'service.name': 'implementer' },
  })
  expect(JSON.stringify(delivery?.spans)).not.toMatch(/A title|secret/)
})

test('a service name that is given is the name of all, and each span still says whose it is', () => {
  vi.stubEnv('OTEL_SERVICE_NAME', 'factory')

  const spans = readableSpans(trace, { now: 0, resource: givenResource() })

  expect(spans.map(({ resource }) => resource.attributes['service.name'])).toEqual(['factory', 'factory'])
  expect(spans.map(({ attributes }) => attributes['sluice.service'])).toEqual(['web', 'implementer'])
})

test('what a person asked to be told of content goes along', () => {
  const [, tool] = readableSpans(trace, { now: 0, content: true })

  expect(tool?.attributes).toMatchObject({ 'sluice.title': 'shell: rm secret' })
})

test.for([
  ['a protocol that is not spoken', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  ['an address that is none', { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector' }],
] as const)('%s is refused in a sentence', ([, env]) => {
  expect(() => openExporter(env)).toThrow(/Set OTEL_EXPORTER_OTLP_/)
})
