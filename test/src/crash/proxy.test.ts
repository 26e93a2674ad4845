/** The wire of the crash matrix: it must see every message, and let through all or nothing of it. */
import { connectBus } from '@sluice/kit/bus.ts'
import { readAll } from '@sluice/kit/follow.ts'
import { startBroker } from '@sluice/kit/testing/broker.ts'
import { scopeRequested } from '@sluice/kit/testing/fixtures.ts'
import { expect, test } from 'vitest'
import { messageScanner, openWire, type Passing } from './proxy.ts'

test('a client works through it, and every publish is seen', async () => {
  await using broker = await startBroker([])
  const seen: Passing[] = []
  await using wire = await openWire(
    () => broker.url,
    (passing) => {
      seen.push(passing)
      return 'pass'
    },
  )
  await using bus = await connectBus({ url: wire.url, user: 'orchestrator', password: 'orchestrator' })

  await bus.publish(scopeRequested('s1'))

  expect(seen.filter((p) => p.direction === 'out').map((p) => p.subject)).toContain(
    'story.s1.scope.requested.orchestrator',
  )
  expect(await readAll(bus, 'story.s1.>')).toHaveLength(1)
})

test('what is dropped before is not recorded; what is dropped after is, and its answer lost', async () => {
  await using broker = await startBroker([])
  const verdicts = { s1: 'drop', s2: 'drop-answer' } as const
  const watch = ({ subject, direction }: Passing) => {
    const story = direction === 'out' ? (subject.split('.')[1] as keyof typeof verdicts) : 's3'
    return verdicts[story as 's1'] ?? 'pass'
  }
  await using reader = await broker.connect('supervisor')
  for (const storyId of ['s1', 's2'] as const) {
    await using wire = await openWire(() => broker.url, watch)
    const bus = await connectBus({ url: wire.url, user: 'orchestrator', password: 'orchestrator' })
    void bus.publish(scopeRequested(storyId)).catch(() => undefined)
    if (storyId === 's2') await expect.poll(async () => (await readAll(reader, 'story.s2.>')).length).toBe(1)
    await bus.nc.close()
  }

  expect(await readAll(reader, 'story.s1.>')).toEqual([])
})

test('a message in pieces is held until it is whole', () => {
  const seen: string[] = []
  const scan = messageScanner('out', ({ subject }) => seen.push(subject) > 0)

  const pieces = ['PI', 'NG\r\nHPUB a.b _INBOX.1 12 1', '5\r\nNATS/1.0\r\n\r\n', 'abc\r\nPUB c 0\r\n', '\r\n'].map(
    (p) => scan(Buffer.from(p)).toString(),
  )

  expect(pieces.join('')).toBe('PING\r\nHPUB a.b _INBOX.1 12 15\r\nNATS/1.0\r\n\r\nabc\r\nPUB c 0\r\n\r\n')
  expect(pieces.slice(0, 3)).toEqual(['', 'PING\r\n', ''])
  expect(seen).toEqual(['a.b', 'c'])
})
