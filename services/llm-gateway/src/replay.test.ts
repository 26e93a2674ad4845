/** An answer that was paid for is heard by whoever asks for it again, and paid for once. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { gatewayWorld, secrets } from './testing.ts'

const key = (name: string) => ({ headers: { 'idempotency-key': name } })
const turn = (run = 'run-1', n = 0) => key(`${run}/${n}`)

test('asked again under its key, an answer is the same byte for byte, is marked, and costs nothing', async () => {
  await using world = await gatewayWorld(() => ({ content: ['Hello to you.'] }))
  const token = await world.run()

  const first = await world.ask(token, {}, turn())
  const said = await first.text()
  const again = await world.ask(await world.run({ attempt: 2 }), {}, turn())

  expect(await again.text()).toBe(said)
  expect(again.headers.get('x-sluice-replayed')).toMatch(/^\d{4}-/)
  expect(first.headers.get('x-sluice-replayed')).toBeNull()
  for (const name of ['request-id', 'content-type', 'x-sluice-scripted'])
    expect(again.headers.get(name)).toBe(first.headers.get(name))
  expect(world.api.requests).toHaveLength(1)
  expect(world.published).toHaveLength(1)
  expect((await world.ledger()).filter(({ usage }) => usage)).toHaveLength(1)
})

test('an answer in one piece is kept too; a call without a key is a call of its own', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const token = await world.run()
  const ask = async (init?: RequestInit) => (await world.ask(token, { stream: false }, init)).json()

  const first = await ask(turn())
  const second = await ask(turn())
  await ask()
  await ask()

  expect(second).toEqual(first)
  expect(world.api.requests).toHaveLength(3)
})

test('an answer whose end nobody heard was on the disk before its end was passed on', async () => {
  await using world = await gatewayWorld(() => ({ content: ['Hello to you, whoever you are.'], betweenMs: 5 }))
  const reply = await world.ask(await world.run(), {}, turn())
  const reader = reply.body?.getReader()
  let text = ''
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    text += new TextDecoder().decode(part.value)
    if (!text.includes('message_stop')) continue
    expect(await filesIn(world.dir)).toHaveLength(1)
  }

  expect(text).toContain('message_stop')
})

test('files of answers are the owner’s alone', async () => {
  await using world = await gatewayWorld(() => 'Hello.')

  await (await world.ask(await world.run(), {}, turn())).text()

  const [file = ''] = await filesIn(world.dir)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('who goes away in the middle finds the whole answer later, from one call', async () => {
  const { promise: goOn, resolve: let_ } = Promise.withResolvers<void>()
  await using world = await gatewayWorld(async () => {
    await goOn
    return { content: ['Hello to you.'] }
  })
  const token = await world.run()
  const gone = new AbortController()
  const leaving = world.ask(token, {}, { ...turn(), signal: gone.signal }).catch(() => null)
  await expect.poll(() => world.api.requests.length).toBe(1)
  gone.abort()
  await leaving

  let_()
  await expect.poll(() => world.published.length).toBe(1)
  const again = await world.ask(await world.run({ attempt: 2 }), {}, turn())

  expect(await again.text()).toContain('message_stop')
  expect(world.api.requests).toHaveLength(1)
  expect(world.api.requests[0]?.aborted).toBeUndefined()
  expect(world.published).toHaveLength(1)
})

test('two that ask for one answer while it streams both hear all of it, from one call', async () => {
  await using world = await gatewayWorld(() => ({ content: ['Hello to you, whoever you are.'], betweenMs: 20 }))
  const first = await world.ask(await world.run(), {}, turn())
  const head = await first.body?.getReader().read()

  const second = await world.ask(await world.run({ attempt: 2 }), {}, turn())

  const text = await second.text()
  expect(text.startsWith(new TextDecoder().decode(head?.value))).toBe(true)
  expect(text).toContain('message_stop')
  expect(world.api.requests).toHaveLength(1)
})

test('of two that ask at the very same moment one makes the call', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const token = await world.run()

  const replies = await Promise.all(Array.from({ length: 5 }, () => world.ask(token, {}, turn())))
  const texts = new Set(await Promise.all(replies.map((reply) => reply.text())))

  expect(texts.size).toBe(1)
  expect(world.api.requests).toHaveLength(1)
})

test('another request under the same key is refused with a sentence, while it streams and after', async () => {
  await using world = await gatewayWorld(() => ({ content: ['Hello to you.'], betweenMs: 10 }))
  const token = await world.run()
  const first = await world.ask(token, {}, turn())

  const during = await world.ask(token, { max_tokens: 900 }, turn())
  await first.text()
  const after = await world.ask(token, { max_tokens: 900 }, turn())

  for (const reply of [during, after]) {
    expect(reply.status).toBe(422)
    expect(await reply.json()).toMatchObject({ error: { details: { error_code: 'key_reused' } } })
  }
  expect(world.api.requests).toHaveLength(1)
})

test('a key of one run never answers another run, another role or another story', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  await (await world.ask(await world.run(), {}, turn())).text()
  const strangers = [{ runId: 'run-2' }, { storyId: 's2' }, { runId: 'run-2', storyId: 's2' }]

  for (const other of strangers) {
    const reply = await world.ask(await world.run(other), {}, turn())
    expect(reply.headers.get('x-sluice-replayed')).toBeNull()
    await reply.text()
  }

  expect(world.api.requests).toHaveLength(4)
})

test('a run that goes on from a parked one hears what that was answered', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const said = await (await world.ask(await world.run(), {}, turn())).text()

  const next = await world.ask(await world.run({ runId: 'run-2', continues: ['run-1'] }), {}, turn())

  expect(await next.text()).toBe(said)
  expect(world.api.requests).toHaveLength(1)
})

test('what was cut, refused or broken is no answer: it is asked for anew', async () => {
  const replies = [
    { content: ['Hello to you.'], cutAfter: 3 },
    { content: ['Hello to you.'], streamError: 'overloaded_error' as const },
    { error: 'api_error' as const },
    { content: ['Hello.'] },
  ]
  await using world = await gatewayWorld(() => replies.shift() ?? 'Hello again.')
  const token = await world.run()

  const texts = []
  for (let i = 0; i < 5; i++)
    texts.push(await world.ask(token, {}, turn()).then((reply) => reply.text().catch(() => 'cut')))

  expect(texts[3]).toContain('message_stop')
  expect(texts[4]).toBe(texts[3])
  expect(world.api.requests).toHaveLength(4)
  expect(new Set(world.published.map(({ id }) => id)).size).toBe(world.published.length)
})

test('a run that is over leaves no answers behind, one that was only let go does', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const [one, two] = [await world.run(), await world.run({ runId: 'run-2' })]
  await (await world.ask(one, {}, turn())).text()
  await (await world.ask(two, {}, turn('run-2'))).text()
  const close = (token: string, how: string) =>
    fetch(`${world.gateway.url}/runs/${token}${how}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${secrets.analyst}` },
    })

  await close(two, '')
  expect(await filesIn(world.dir)).toHaveLength(2)
  await close(one, '?over')

  expect(await filesIn(world.dir)).toHaveLength(1)
})

test('a call that is silent with nobody listening is given up for a new one', async () => {
  const replies = [{ content: ['Hello.'], stallAfter: 2 }]
  await using world = await gatewayWorld(() => replies.shift() ?? 'Hello again.', { silentMs: 0 })
  const gone = new AbortController()
  const reply = await world.ask(await world.run(), {}, { ...turn(), signal: gone.signal })
  await reply.body?.getReader().read()
  gone.abort()

  // Whether the first has left yet is the network's to say: before it has, the second joins it.
  const again = async () => {
    const late = AbortSignal.timeout(300)
    const second = await world.ask(await world.run({ attempt: 2 }), {}, { ...turn(), signal: late })
    return await second.text().catch(() => '')
  }

  await expect.poll(again, { timeout: 5_000 }).toContain('message_stop')
  expect(world.api.requests).toHaveLength(2)
})

test('an answer that nobody comes back for is not read on for ever', async () => {
  await using world = await gatewayWorld(() => ({ content: ['Hello.'], stallAfter: 2 }), { lingerMs: 20 })
  const gone = new AbortController()
  const reply = await world.ask(await world.run(), {}, { ...turn(), signal: gone.signal })
  await reply.body?.getReader().read()

  gone.abort()

  await expect.poll(() => world.api.requests[0]?.aborted).toBe(true)
  await expect.poll(() => world.published[0]?.estimated).toBe(true)
})

test('half an answer on the disk is none', async () => {
  await using world = await gatewayWorld(() => 'Hello.')
  const token = await world.run()
  await (await world.ask(token, {}, turn())).text()
  const [file = ''] = await filesIn(world.dir)
  await writeFile(file, (await readFile(file)).subarray(0, -7))

  await (await world.ask(token, {}, turn())).text()

  expect(world.api.requests).toHaveLength(2)
})

const filesIn = async (dir: string): Promise<string[]> =>
  (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.answer')).map((name) => join(dir, name))
