/** Web as the process it is, and on a bus that goes away and comes back. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePort } from '@sluice/kit/testing/broker.ts'
import { expect, test } from 'vitest'
import { storySubmitted } from './testing/sayings.ts'
import { token, type World, webWorld } from './testing/world.ts'

const program = fileURLToPath(new URL('./web.ts', import.meta.url))

/** A second web on the world's broker, as `up` would start it. */
async function webProcess(world: World, port: number): Promise<ChildProcess> {
  const { dir, url } = world.broker
  const own = { ...world.own, port, framesPort: await freePort() }
  const config = { url, user: 'web', password: 'web', ackWaitMs: 3_000, own }
  await mkdir(join(dir, 'bus'))
  await writeFile(join(dir, 'bus', 'web.json'), JSON.stringify(config))
  const env = { ...world.repo.env, SLUICE_DATA: dir }
  return spawn(process.execPath, [program], { env, stdio: ['ignore', 'inherit', 'pipe'] })
}

async function said(child: ChildProcess, until: string): Promise<string[]> {
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stderr as NodeJS.ReadableStream })) {
    lines.push(line)
    if (line.includes(until)) break
  }
  child.stderr?.resume()
  return lines
}

test('the process says ready when it is, takes a story, and leaves when told', async () => {
  await using world = await webWorld()
  const port = await freePort()
  const child = await webProcess(world, port)
  const exit = once(child, 'exit')
  await said(child, '"ready"')

  const reply = await fetch(`http://127.0.0.1:${port}/api/stories`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ text: 'Keep drafts.' }),
  })
  child.kill('SIGTERM')

  expect(reply.status).toBe(201)
  expect(await exit).toEqual([0, null])
})

test('a port that is taken ends it with one sentence and the mend', async () => {
  await using world = await webWorld()
  const port = await freePort()
  const taken = createServer().listen(port, '127.0.0.1')
  await once(taken, 'listening')
  const child = await webProcess(world, port)
  const exit = once(child, 'exit')

  const lines = await said(child, 'never said')
  taken.close()

  expect(await exit).toEqual([1, null])
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ msg: expect.stringMatching(`^Port ${port} is taken. Stop `) })
})

test('without a bus a command is told in a sentence, the page goes on, and the same key later counts once', async () => {
  await using world = await webWorld({}, { patienceMs: 1_000 })
  await writeFile(join(world.pageDir, 'index.html'), 'the page')
  const id = 's1'
  await world.say(id, storySubmitted)
  await world.broker.stop()

  const away = await world.command(id, 'cancel', {}, 'key-1')
  const shown = await Promise.all(['/', '/api/session', '/api/stories'].map((path) => world.ask('GET', path)))
  await world.broker.restart()
  let again = away
  while (again.status === 503) again = await world.command(id, 'cancel', {}, 'key-1')

  expect(away).toMatchObject({ status: 503, body: { error: expect.stringContaining('The bus does not answer') } })
  expect(shown.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(again.status).toBe(200)
  expect((await world.log(id)).map(({ type }) => type)).toEqual(['story.submitted', 'story.cancelled'])
})

test('what was told it came too late is not begun when the bus is back', async () => {
  await using world = await webWorld({}, { patienceMs: 1_000 })
  const id = 's1'
  await world.say(id, storySubmitted)
  await world.broker.stop()
  const [first, second] = await Promise.all([
    world.command(id, 'budget', { budgetUsd: 9 }, 'key-1'),
    world.command(id, 'budget', { budgetUsd: 11 }, 'key-2'),
  ])
  await world.broker.restart()
  let again = first
  while (again.status === 503) again = await world.command(id, 'budget', { budgetUsd: 9 }, 'key-1')
  let last = second
  while (last.status !== 200) last = await world.command(id, 'budget', { budgetUsd: 12 }, 'key-3')

  const budgets = (await world.log(id)).flatMap((event) =>
    event.type === 'budget.raised' ? [event.data.budgetUsd] : [],
  )
  expect(budgets).toEqual([9, 12])
})
