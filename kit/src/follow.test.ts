/** Following the stream: nothing is skipped, and a reader knows when it has seen all there was. */
import { ProjectAttached } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import type { Bus } from './bus.ts'
import { type Followed, follow, streamIdentity } from './follow.ts'
import { openLog } from './log.ts'
import { record } from './record.ts'
import { startBroker } from './testing/broker.ts'
import { scopeRequested } from './testing/fixtures.ts'

const log = openLog('test', { write: () => undefined })

test('a reader whose filter lets nothing through is told that it has seen all', async () => {
  await using world = await openWorld()
  await world.all.publish(scopeRequested('s1'))

  const sequence = await world.caughtUp({ filter: 'story.*.story.shipped.orchestrator' })

  expect(sequence).toBe(1)
})

test('with a filter all that it lets through comes before', async () => {
  await using world = await openWorld()
  await world.all.publish(scopeRequested('s1'))
  await world.all.publish(attached)
  await world.all.publish(scopeRequested('s2'))
  await world.all.publish(attached)

  await world.caughtUp({ filter: 'story.>' })

  expect(world.seen.map((followed) => followed.sequence)).toEqual([1, 3])
})

test('an event its reader could not take in because the broker went away is shown again', async () => {
  await using world = await openWorld()
  await world.all.publish(scopeRequested('s1'))
  await world.all.publish(scopeRequested('s2'))
  let away = true

  await world.caughtUp({
    onEvent() {
      if (!away) return
      away = false
      throw Object.assign(new Error('no answer'), { name: 'TimeoutError' })
    },
  })

  expect(world.seen.map((followed) => followed.sequence)).toEqual([1, 1, 2])
})

test('told to stop before it has begun to listen, it stops', async () => {
  await using world = await openWorld()
  const stop = new AbortController()

  const following = follow({
    ...{ bus: world.reader, log, signal: stop.signal },
    onEvent: () => undefined,
    onCaughtUp: () => stop.abort(),
  })

  await expect(following).resolves.toBeUndefined()
})

test('any other error of its reader ends it', async () => {
  await using world = await openWorld()
  await world.all.publish(scopeRequested('s1'))

  const following = world.caughtUp({
    onEvent() {
      throw new Error('a mistake of ours')
    },
  })

  await expect(following).rejects.toThrow('a mistake of ours')
})

test('a stream keeps its identity over a restart, another broker has another', async () => {
  await using world = await openWorld()
  await using other = await openWorld()
  const signal = new AbortController().signal
  const before = await streamIdentity(world.reader, signal)

  await world.restart()

  expect(await streamIdentity(world.reader, signal)).toBe(before)
  expect(await streamIdentity(other.reader, signal)).not.toBe(before)
})

// ── the world of these tests ─────────────────────────────────────────────────

const attached = record({
  ...{
    type: ProjectAttached,
    source: 'web',
    projectId: 'p1',
    cause: null,
    n: 1,
    now: new Date('2026-01-01T00:00:00Z'),
  },
  data: { name: 'p', root: '/r', base: 'main', demo: false },
})

type Reading = { filter?: string; onEvent?(followed: Followed): void }

async function openWorld() {
  const broker = await startBroker([])
  const all: Bus = await broker.connect('supervisor')
  const reader: Bus = await broker.connect('memory')
  const stop = new AbortController()
  const seen: Followed[] = []
  return {
    ...{ all, reader, seen },
    restart: () => broker.restart(),
    /** Follows until it is told that all was seen; the sequence it was told. */
    caughtUp: ({ filter, onEvent }: Reading): Promise<number> =>
      new Promise((resolve, reject) => {
        follow({
          ...{ bus: reader, log, signal: stop.signal },
          ...(filter ? { filter } : {}),
          onEvent(followed) {
            seen.push(followed)
            onEvent?.(followed)
          },
          onCaughtUp: resolve,
        }).catch(reject)
      }),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await broker[Symbol.asyncDispose]()
    },
  }
}
