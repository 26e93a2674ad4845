/** A story seen from outside: by a collector and by a watcher in the terminal, whoever of those who tell them is killed meanwhile. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { startReceiver } from '@sluice/kit/testing/otlp-receiver.ts'
import { spanIdOf } from '@sluice/kit/trace.ts'
import type { LedgerEntry } from '@sluice/proto/rest.ts'
import { expect, test, vi } from 'vitest'
import { openLine } from './testing/line.ts'
import { ownFiles, storyAbout } from './testing/tiny-stories.ts'

const SLUICE = join(import.meta.dirname, '..', '..', 'cli', 'src', 'sluice.ts')

test('a whole story is one whole trace and one whole watch, with telemetry and web killed in its middle', async () => {
  await using collector = await startReceiver()
  const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }
  const told = storyAbout('traces', ownFiles('traces'))
  await using line = await openLine({ stories: [told], env })
  // Where the command line looks for a house.
  const base = dirname(line.dataDir)
  await symlink(line.dataDir, join(base, 'work'))
  const id = await line.submit(told)
  await using watch = watching(base, id)
  await line.gate(id, 'scope')
  await collector.until((spans) => spans.some(({ name }) => name.startsWith('chat')))
  await watch.until(({ type }) => type === 'gate.opened')

  process.kill(line.pid('telemetry'), 'SIGKILL')
  process.kill(line.pid('web'), 'SIGKILL')
  await vi.waitFor(() => line.ask('GET', '/api/session'), { timeout: 60_000, interval: 200 })
  await line.ship(id)
  const [code] = await watch.ended
  const spans = await collector.until((all) => all.some(({ name }) => name === 'story'))

  const events = line.events(id)
  expect(code).toBe(0)
  expect(watch.seen.map((event) => event.id)).toEqual(events.map((event) => event.id))
  const ids = new Set(spans.map(({ spanId }) => spanId))
  expect(spans.filter(({ parentSpanId }) => parentSpanId !== '' && !ids.has(parentSpanId))).toEqual([])
  expect(events.filter((event) => !ids.has(spanIdOf(event.id)))).toEqual([])
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
  const services = new Set(spans.map(({ resource }) => resource['service.name']))
  expect([...services]).toEqual(expect.arrayContaining(['analyst', 'implementer', 'checks', 'person', 'llm-gateway']))
  const names = new Set(spans.map(({ name }) => name.split(' ')[0]))
  expect([...names]).toEqual(expect.arrayContaining(['publish', 'process', 'chat', 'execute_tool', 'check', 'gate']))
  expect(JSON.stringify(spans)).not.toContain(told.text)
  const { body: ledger } = await line.ask<LedgerEntry[]>('GET', '/api/ledger')
  const sent = ledger.filter(({ door }) => door === 'telemetry')
  expect(sent.map(({ host }) => host)).toContain(new URL(collector.url).host)
}, 240_000)

/** `sluice watch` as a person runs it. */
function watching(data: string, id: string) {
  const child = spawn(process.execPath, [SLUICE, 'watch', id, '--json'], { env: { ...process.env, SLUICE_DATA: data } })
  const seen: { id: string; type: string }[] = []
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => seen.push(JSON.parse(line).event))
  child.stderr.resume()
  const ended = once(child, 'close')
  return {
    ...{ seen, ended },
    async until(is: (event: { type: string }) => boolean) {
      while (!seen.some(is)) await once(lines, 'line')
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
    },
  }
}
