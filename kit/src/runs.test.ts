/** What lies on RUN, read whole however much it is, and not waited for when it leaves meanwhile. */
import { expect, test } from 'vitest'
import { purgeRun } from './run-stream.ts'
import { eachLiveMessage, liveMessages } from './runs.ts'
import { startBroker } from './testing/broker.ts'

test('more than fits in one answer is read in order, each message once', async () => {
  await using broker = await startBroker([])
  const bus = await broker.connect('supervisor')
  await Promise.all(Array.from({ length: 1_203 }, (_, n) => bus.js.publish(`run.analyst.s1.r1.${n + 1}`, '{}')))

  const messages = await liveMessages(await broker.connect('web'), 'run.*.s1.>')

  expect(messages).toHaveLength(1_203)
  expect(new Set(messages.map(({ subject }) => subject)).size).toBe(1_203)
  expect(messages.map(({ sequence }) => sequence)).toEqual([...messages.keys()].map((i) => i + 1))
})

test('what leaves RUN while it is read is not waited for', async () => {
  await using broker = await startBroker([])
  const bus = await broker.connect('supervisor')
  await Promise.all(Array.from({ length: 700 }, (_, n) => bus.js.publish(`run.analyst.s1.r1.${n + 1}`, '{}')))
  const web = await broker.connect('web')

  let read = 0
  for await (const _ of eachLiveMessage(web, 'run.*.s1.>')) {
    if (read === 0) await purgeRun(web, { source: 'analyst', storyId: 's1', runId: 'r1', last: 700 })
    read++
  }

  expect(read).toBeLessThan(700)
})
