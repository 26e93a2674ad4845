/** The page on a real broker: its own user, over the websocket, from a sequence on. */
import { record } from '@sluice/kit/record.ts'
import { startBroker } from '@sluice/kit/testing/broker.ts'
import { StoryCancelled } from '@sluice/proto/events.ts'
import { type Heard, type Listening, listen, Rewound } from '@sluice/ui/bus.ts'
import { expect, onTestFinished, test } from 'vitest'

async function world() {
  const broker = await startBroker([])
  const stop = new AbortController()
  onTestFinished(async () => {
    stop.abort()
    await broker[Symbol.asyncDispose]()
  })
  const web = await broker.connect('web')
  const heard: Heard[] = []
  const waiting: { n: number; resolve: () => void }[] = []
  return {
    broker,
    heard,
    say: (storyId: string, by = web) =>
      by.publish(
        record({
          type: StoryCancelled,
          source: 'web',
          projectId: 'p1',
          storyId,
          cause: null,
          data: { reason: 'r' },
          now: new Date(),
        }),
      ),
    hearing: (n: number) =>
      new Promise<void>((resolve) => {
        if (heard.length >= n) resolve()
        else waiting.push({ n, resolve })
      }),
    listen: (more: Partial<Listening> = {}) => {
      const live = Promise.withResolvers<void>()
      const ended = listen({
        url: broker.websocket,
        user: 'page',
        password: 'page',
        from: 1,
        signal: stop.signal,
        onMessage(one) {
          heard.push(one)
          for (const { n, resolve } of waiting) if (heard.length >= n) resolve()
        },
        onLive: live.resolve,
        ...more,
      })
      return { ended, live: live.promise }
    },
  }
}

test('hears what was recorded from its sequence on, then what is, in order', async () => {
  const { say, listen, hearing, heard } = await world()
  for (const id of ['a', 'b', 'c']) await say(id)

  const { live } = listen({ from: 2 })
  await live
  await say('d')
  await hearing(3)

  expect(heard.map(({ sequence, subject }) => [sequence, subject.split('.')[1]])).toEqual([
    [2, 'b'],
    [3, 'c'],
    [4, 'd'],
  ])
})

test('is live at once where nothing is behind', async () => {
  const { listen, heard } = await world()

  await listen().live

  expect(heard).toEqual([])
})

test('a broker that goes ends the listening; from the next sequence on nothing is missed', async () => {
  const { broker, say, listen, hearing, heard } = await world()
  await say('a')
  const before = listen()
  await before.live

  await Promise.all([before.ended.catch(() => undefined), broker.restart()])
  await say('b', await broker.connect('web'))
  listen({ from: 2 })
  await hearing(2)

  expect(heard.map(({ sequence }) => sequence)).toEqual([1, 2])
})

test('a stream shorter than what was heard of it is another one', async () => {
  const { say, listen } = await world()
  await say('a')

  await expect(listen({ from: 9 }).ended).rejects.toThrow(Rewound)
})

test('a wrong password is refused, not waited for', async () => {
  const { listen } = await world()

  await expect(listen({ password: 'old' }).ended).rejects.toThrow(/Authorization/i)
})

test('a copy that the broker was made to send is nobody’s word', async () => {
  const { broker, say, listen, hearing, heard } = await world()
  const supervisor = await broker.connect('supervisor')
  await supervisor.put('run.forger.a.r.1', { any: 'thing' }, 0)
  const copied = 'story.a.story.cancelled.web'
  supervisor.nc.publish('$JS.API.DIRECT.GET.RUN.run.forger.a.r.1', '', { reply: copied })
  while (!(await supervisor.last('STORY', copied)));

  await listen().live
  await say('b')
  await hearing(1)

  expect(heard.map(({ subject, sequence }) => [subject, sequence])).toEqual([['story.b.story.cancelled.web', 2]])
})
