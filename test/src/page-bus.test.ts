/** The page on a real broker: its own user, over the websocket, hearing a story, the cards and a terminal. */
import { record } from '@sluice/kit/record.ts'
import { startBroker } from '@sluice/kit/testing/broker.ts'
import { CARDS, cardSubject } from '@sluice/proto/cards.ts'
import { StoryCancelled } from '@sluice/proto/events.ts'
import { type Connected, type Heard, type Listening, listen } from '@sluice/ui/bus.ts'
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
  const open = (more: Partial<Listening> = {}) => {
    const { promise: connected, resolve: onOpen } = Promise.withResolvers<Connected>()
    const whole = { url: broker.websocket, user: 'page', password: 'page', signal: stop.signal, onOpen, ...more }
    return { ended: listen(whole), connected }
  }
  /** Follows on a new connection; resolves when all that was there has been heard. */
  const follow = async (stream: string, filter: string, from: 'first' | 'latest') => {
    const { connected, ended } = open()
    const { promise: caughtUp, resolve: onCaughtUp } = Promise.withResolvers<void>()
    const to = await connected
    to.follow({ stream, filter, from, onMessage: (one) => heard.push(one), onCaughtUp })
    await caughtUp
    return { ended }
  }
  return {
    ...{ broker, heard, open, follow },
    hearing: (n: number) => expect.poll(() => heard.length).toBe(n),
    say: (storyId: string, { by = web, n = 0 } = {}) =>
      by.publish(
        record({
          type: StoryCancelled,
          source: 'web',
          projectId: 'p1',
          storyId,
          cause: null,
          n,
          data: { reason: 'r' },
          now: new Date(),
        }),
      ),
  }
}

test('a story is heard from its first event, then as it goes on, and no other', async () => {
  const { say, follow, hearing, heard } = await world()
  for (const id of ['a', 'b']) await say(id)

  await follow('STORY', 'story.a.>', 'first')
  const before = heard.length
  await say('b')
  await say('a', { n: 1 })
  await hearing(2)

  expect([before, heard.map(({ subject }) => subject.split('.')[1])]).toEqual([1, ['a', 'a']])
})

test('of each card the last is heard, then every one that is written', async () => {
  const { broker, follow, hearing, heard } = await world()
  const orchestrator = await broker.connect('orchestrator')
  const first = await orchestrator.put(cardSubject('a'), { n: 1 }, 0)
  const second = await orchestrator.put(cardSubject('a'), { n: 2 }, first)

  await follow(`KV_${CARDS}`, cardSubject('>'), 'latest')
  const before = heard.map(({ body }) => body)
  await orchestrator.put(cardSubject('a'), { n: 3 }, second)
  await hearing(2)

  expect([before, heard.at(-1)?.body]).toEqual([[{ n: 2 }], { n: 3 }])
})

test('a terminal is heard while it is shown, and a word of the page about one is refused', async () => {
  const { broker, open } = await world()
  const to = await open().connected
  const said = Promise.withResolvers<unknown>()
  to.watch('term.implementer.s1.>', (_, body) => said.resolve(body))
  await to.lastSequence('STORY')

  const supervisor = await broker.connect('supervisor')
  supervisor.nc.publish('term.implementer.s1.r1', JSON.stringify({ data: 'hello' }))

  expect(await said.promise).toEqual({ data: 'hello' })
  const page = await broker.connect('page')
  await expect(page.nc.request('term.implementer.s1.r1', '')).rejects.toThrow(/Permissions Violation/)
  await expect(page.nc.request(cardSubject('s1'), '{}')).rejects.toThrow(/Permissions Violation/)
})

test('a broker that goes ends the listening; heard again from the first, nothing is missed', async () => {
  const { broker, say, follow, heard } = await world()
  await say('a')
  const { ended } = await follow('STORY', 'story.a.>', 'first')

  await Promise.all([ended.catch(() => undefined), broker.restart()])
  await say('b', { by: await broker.connect('web') })
  await follow('STORY', 'story.>', 'first')

  expect(heard.map(({ sequence }) => sequence)).toEqual([1, 1, 2])
})

test('a wrong password is refused, not waited for', async () => {
  const { open } = await world()

  await expect(open({ password: 'old' }).ended).rejects.toThrow(/Authorization/i)
})

test('a copy that the broker was made to send is nobody’s word', async () => {
  const { broker, say, follow, heard } = await world()
  const supervisor = await broker.connect('supervisor')
  await supervisor.put('run.forger.a.r.1', { any: 'thing' }, 0)
  const copied = 'story.a.story.cancelled.web'
  supervisor.nc.publish('$JS.API.DIRECT.GET.RUN.run.forger.a.r.1', '', { reply: copied })
  while (!(await supervisor.last('STORY', copied)));
  await say('b')

  await follow('STORY', 'story.>', 'first')

  expect(heard.map(({ subject, sequence }) => [subject, sequence])).toEqual([['story.b.story.cancelled.web', 2]])
})
