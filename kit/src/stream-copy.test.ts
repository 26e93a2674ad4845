/** A stream is copied with all that was said in it under the numbers it had, while others go on talking. */
import { Scope, ScopeRequested } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { jetstreamManager } from './bus.ts'
import { readAll } from './follow.ts'
import { durableOf } from './permissions.ts'
import { restoreStream, snapshotStream } from './stream-copy.ts'
import { startBroker } from './testing/broker.ts'
import { scopeRequested } from './testing/fixtures.ts'

const roles = [{ name: 'analyst', takes: ScopeRequested, gives: Scope, uses: [] }]

test('a stream comes back with its events, their sequences and what roles had acknowledged', async () => {
  await using broker = await startBroker(roles)
  const [admin, orchestrator, analyst] = await Promise.all(
    ['supervisor', 'orchestrator', 'analyst'].map((user) => broker.connect(user)),
  )
  if (!admin || !orchestrator || !analyst) throw new Error('Three users connect.')
  for (let n = 1; n <= 300; n++) await orchestrator.publish(scopeRequested(`s${n}`, 'x'.repeat(5_000)))
  const consumer = await analyst.js.consumers.get('STORY', durableOf('analyst'))
  await (await consumer.next())?.ackAck()
  const before = await readAll(orchestrator, 'story.>')

  const { head, chunks } = await snapshotStream(admin, 'STORY')
  const copy = await Array.fromAsync(chunks)
  await (await jetstreamManager(admin.nc)).streams.delete('STORY')
  await restoreStream(admin, head, streamed(copy))

  expect(copy.length).toBeGreaterThan(1)
  expect(await readAll(orchestrator, 'story.>')).toEqual(before)
  expect((await consumer.next())?.subject).toBe(before[1]?.subject)
})

test('half a stream is refused and leaves none behind', async () => {
  await using broker = await startBroker(roles)
  const admin = await broker.connect('supervisor')
  for (let n = 1; n <= 300; n++) await admin.publish(scopeRequested(`s${n}`, Math.random().toString(36).repeat(500)))
  const { head, chunks } = await snapshotStream(admin, 'STORY')
  const copy = await Array.fromAsync(chunks)
  const jsm = await jetstreamManager(admin.nc)
  await jsm.streams.delete('STORY')

  const restored = restoreStream(admin, head, streamed(copy.slice(0, copy.length / 2)))

  await expect(restored).rejects.toThrow()
  await expect(jsm.streams.info('STORY')).rejects.toThrow('not found')
})

async function* streamed(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}
