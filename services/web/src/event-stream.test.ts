/** The stream of events as a program reads it: nothing missed, nothing twice, and it says when the bus is away. */
import { expect, test } from 'vitest'
import { token, type World, webWorld } from './testing/world.ts'

type Told = { name: string; id: string | null; data: { sequence: number; subject: string; event?: { id: string } } }

/** Reads until told to stop; `next` waits for what is still to come. */
async function open(world: World, query = '', headers: Record<string, string> = {}) {
  const stop = new AbortController()
  const reply = await fetch(`${world.origin}/api/events${query}`, {
    headers: { authorization: `Bearer ${token}`, ...headers },
    signal: stop.signal,
  })
  const chunks = reply.body?.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]()
  const waiting: Told[] = []
  let rest = ''
  async function next(): Promise<Told> {
    for (;;) {
      const first = waiting.shift()
      if (first) return first
      const { value = '', done } = (await chunks?.next()) ?? { done: true }
      if (done) throw new Error('The stream ended.')
      const blocks = (rest + value).split('\n\n')
      rest = blocks.pop() ?? ''
      waiting.push(...blocks.filter((block) => block.includes('data:')).map(readBlock))
    }
  }
  return { reply, next, [Symbol.dispose]: () => stop.abort() }
}

function readBlock(block: string): Told {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null
  return { name: field('event') ?? 'message', id: field('id'), data: JSON.parse(field('data') ?? 'null') }
}

async function several(stream: Awaited<ReturnType<typeof open>>, n: number): Promise<Told[]> {
  const told: Told[] = []
  while (told.length < n) told.push(await stream.next())
  return told
}

test('a reader is told all from where it asks, then that it is live, then what is recorded', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  using stream = await open(world, `?from=1&storyId=${id}`)

  const [submitted, live] = await several(stream, 2)
  const { body } = await world.command(id, 'budget', { budgetUsd: 9 })
  const raised = await stream.next()

  expect(stream.reply.headers.get('content-type')).toContain('text/event-stream')
  expect(submitted?.data.subject).toBe(`story.${id}.story.submitted.web`)
  expect(live).toMatchObject({ name: 'live', data: { sequence: submitted?.data.sequence } })
  expect([raised.id, raised.data.event?.id]).toEqual([String(raised.data.sequence), body.event])
})

test('broken off and taken up again by its last id, it misses nothing and repeats nothing', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  const first = await open(world, '?from=1')
  const before = await several(first, 2)
  first[Symbol.dispose]()
  for (const budgetUsd of [8, 9]) await world.command(id, 'budget', { budgetUsd })

  using again = await open(world, '?from=1', { 'last-event-id': before.at(-1)?.id ?? '' })
  const after = (await several(again, 3)).filter(({ name }) => name === 'message')

  const sequences = [...before, ...after].map(({ data }) => data.sequence)
  expect(sequences).toEqual(Array.from({ length: await world.lastSequence() }, (_, i) => i + 1))
})

test('while the bus is away it says so, and goes on where it stood', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  using stream = await open(world)
  const live = await stream.next()

  await world.broker.stop()
  const away = await stream.next()
  await world.broker.restart()
  const back = await stream.next()
  await world.command(id, 'budget', { budgetUsd: 9 })
  const raised = await stream.next()

  expect([live, away, back].map(({ name }) => name)).toEqual(['live', 'away', 'live'])
  expect(raised.data.sequence).toBe(live.data.sequence + 1)
}, 60_000)

test('no stranger hears it, and what is no sequence or no story is refused', async () => {
  await using world = await webWorld()
  const get = (query: string, headers = {}) => world.ask('GET', `/api/events${query}`, { headers })

  const answers = await Promise.all([
    get('', { authorization: 'Bearer nobody' }),
    get('?from=first'),
    get('?storyId=nowhere'),
  ])

  expect(answers.map(({ status, body }) => [status, Boolean(body.mend)])).toEqual([
    [401, true],
    [400, true],
    [404, true],
  ])
})
