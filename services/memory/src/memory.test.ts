/** Memory as the process it is: what shipped is found, whatever happens to it or to its file in between. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { readAll } from '@sluice/kit/follow.ts'
import { openLog } from '@sluice/kit/log.ts'
import { MEMORY_SEARCH, memoryClient } from '@sluice/kit/memory.ts'
import { record } from '@sluice/kit/record.ts'
import { startBroker } from '@sluice/kit/testing/broker.ts'
import { testRepository } from '@sluice/kit/testing/repository.ts'
import type { EventType } from '@sluice/proto/event.ts'
import { type Event, MemoryEdited, MemoryForgotten } from '@sluice/proto/events.ts'
import { expect, test, vi } from 'vitest'
import { logOf, type Telling } from './testing/shipped.ts'

/** Each start is a process of its own, on a machine that has others to do. */
const RESTARTS_MS = 150_000
const program = fileURLToPath(new URL('./memory.ts', import.meta.url))
const drafts: Telling = {
  ...{ storyId: 'drafts', title: 'Keep drafts', text: 'People lose their drafts.', files: ['src/drafts.ts'] },
  ...{ done: 'Drafts are kept.', found: 'Not escaped.', mended: 'With textContent.' },
}
const letters: Telling = {
  storyId: 'letters',
  title: 'Larger letters',
  text: 'I cannot read it.',
  files: ['src/a.css'],
}

test('a shipped story is found by its words, with what was done and found', async () => {
  await using world = await openWorld()
  const memory = await world.start()

  await world.tell(logOf(drafts))
  await memory.says('remembered')

  const [hit] = await world.search('the draft is lost')
  expect(hit).toMatchObject({ storyId: 'drafts', title: 'Keep drafts', files: ['src/drafts.ts'] })
  expect(hit?.summary).toContain('Not escaped. Mended: With textContent.')
})

test('a story at work is not found before it has shipped', async () => {
  await using world = await openWorld()
  await world.tell(logOf(drafts).slice(0, -1))
  const memory = await world.start()
  const before = await world.search('drafts')

  await world.tell(logOf(drafts).slice(-1))
  await memory.says('remembered')

  expect(before).toEqual([])
  expect(await world.search('drafts')).toHaveLength(1)
})

test('nobody is told what another project shipped', async () => {
  await using world = await openWorld()
  await world.tell(logOf({ ...drafts, projectId: 'p2' }))
  await world.start()

  expect(await world.search('drafts')).toEqual([])
})

test(
  'killed and started again it knows what shipped before, between and after, each once',
  async () => {
    await using world = await openWorld()
    await world.tell([...logOf(drafts), ...logOf(letters).slice(0, -1)])
    await world.start()
    await world.kill()

    await world.tell([...logOf(letters).slice(-1), ...logOf({ ...drafts, storyId: 'more' })])
    const again = await world.start()
    await world.tell(logOf({ ...letters, storyId: 'later' }))
    await again.says('remembered', 'later')

    expect((await world.search('drafts')).map((hit) => hit.storyId).sort()).toEqual(['drafts', 'more'])
    expect((await world.search('larger letters')).map((hit) => hit.storyId).sort()).toEqual(['later', 'letters'])
  },
  RESTARTS_MS,
)

test(
  'what it has learnt it does not read again',
  async () => {
    await using world = await openWorld()
    await world.tell(logOf(drafts))
    const first = await world.start()
    await world.kill()

    const second = await world.start()

    expect(first.said('remembered')).toHaveLength(1)
    expect(second.said('remembered')).toEqual([])
    expect(await world.search('drafts')).toHaveLength(1)
  },
  RESTARTS_MS,
)

test(
  'its file deleted, it is made from the stream as it was',
  async () => {
    await using world = await openWorld()
    await world.tell([...logOf(drafts), ...logOf(letters)])
    await world.start()
    const before = await world.search('drafts letters')
    await world.kill()

    await rm(join(world.dir, 'memory'), { recursive: true })
    await world.start()

    expect(before).toHaveLength(2)
    expect(await world.search('drafts letters')).toEqual(before)
  },
  RESTARTS_MS,
)

test('a hundred kilobytes of anything are searched; what is no question is told so, and the next is answered', async () => {
  await using world = await openWorld()
  await world.tell(logOf(drafts))
  await world.start()

  const long = await world.search(`" OR NEAR( ${'x" AND * '.repeat(12_500)}drafts`)
  const refused = await world.ask('{"query": 1}')
  const broken = await world.ask('no json')

  expect(long.map((hit) => hit.storyId)).toEqual(['drafts'])
  expect([refused, broken]).toEqual([{ error: expect.any(String) }, { error: expect.any(String) }])
  expect(await world.search('drafts')).toHaveLength(1)
})

test(
  'what the base branch tells is there without any story, marked as history, and what follows is read too',
  async () => {
    await using world = await openWorld()
    await using repo = await testRepository()
    await repo.commit({ 'src/drafts.ts': '1' }, 'Keep drafts')
    const memory = await world.start({ id: 'p1', root: repo.root, base: 'main' })
    await memory.says('history is read')
    const [before] = await world.search('the draft is lost')

    const head = await repo.commit({ 'src/letters.ts': '1' }, 'Larger letters')
    await memory.says('history is read', head)

    expect(before).toMatchObject({ origin: 'history', storyId: null, title: 'Keep drafts', files: ['src/drafts.ts'] })
    expect(await world.search('letters')).toMatchObject([{ title: 'Larger letters', commit: head }])
  },
  RESTARTS_MS,
)

test(
  'a story whose commit is reverted on the base is said to be, once, and is told to nobody; then it is put back',
  async () => {
    await using world = await openWorld()
    await using repo = await testRepository()
    await repo.commit({ a: '1' }, 'Begin')
    const commit = await repo.commit({ 'src/drafts.ts': '1' }, 'Keep drafts')
    await world.tell(logOf({ ...drafts, commit }))
    const memory = await world.start({ id: 'p1', root: repo.root, base: 'main' })
    await memory.says('history is read', commit)
    const before = await world.search('drafts')

    repo.git(['revert', '--no-edit', commit])
    const reverted = repo.git(['rev-parse', 'HEAD']).trim()
    await memory.says('was reverted', reverted)
    await vi.waitUntil(async () => (await world.search('drafts')).length === 0, 30_000)
    await world.kill()
    await rm(join(world.dir, 'memory'), { recursive: true })
    const again = await world.start({ id: 'p1', root: repo.root, base: 'main' })
    await again.says('history is read', reverted)
    const stillGone = await world.search('drafts')
    repo.git(['revert', '--no-edit', 'HEAD'])
    await again.says('was reverted', repo.git(['rev-parse', 'HEAD']).trim())

    expect(before).toMatchObject([{ storyId: 'drafts' }])
    expect(stillGone).toEqual([])
    await vi.waitUntil(async () => (await world.search('drafts'))[0]?.storyId === 'drafts', 30_000)
    expect((await world.events('story.reverted')).map(({ data }) => data)).toMatchObject([
      { commit: reverted, reverts: commit },
      { reverts: reverted },
    ])
  },
  RESTARTS_MS,
)

test(
  'what a person forgot and edited stays so when the index is made anew',
  async () => {
    await using world = await openWorld()
    await world.tell([...logOf(drafts), ...logOf(letters)])
    await world.start()

    await world.say(MemoryForgotten, { entry: 'letters', forgotten: true })
    await world.say(MemoryEdited, { entry: 'drafts', text: 'Ask before you keep one.' })
    await world.kill()
    await rm(join(world.dir, 'memory'), { recursive: true })
    await world.start()

    expect(await world.search('larger letters')).toEqual([])
    expect(await world.search('drafts')).toMatchObject([{ summary: 'Ask before you keep one.' }])
  },
  RESTARTS_MS,
)

test('told to stop it leaves at once, without an error', async () => {
  await using world = await openWorld()
  const memory = await world.start()

  expect(await memory.stop()).toBe(0)
})

// ── the world of these tests ─────────────────────────────────────────────────

async function openWorld() {
  const broker = await startBroker([])
  const dir = broker.dir
  const config = { url: broker.url, user: 'memory', password: 'memory', ackWaitMs: 3_000 }
  await mkdir(join(dir, 'bus'))
  const [all, web] = [await broker.connect('supervisor'), await broker.connect('web')]
  const client = memoryClient(web, { projectId: 'p1', log: openLog('test', { write: () => undefined }) })
  let child: ChildProcess | undefined

  return {
    dir,
    search: async (query: string) => (await client.search(query, { limit: 10 })).lessons,
    ask: async (text: string): Promise<unknown> => (await web.nc.request(MEMORY_SEARCH, text)).json(),
    async tell(events: Event[]) {
      for (const event of events) await all.publish(event)
    },
    events: async (type: string) => (await readAll(all, `story.*.${type}.*`)).map(({ event }) => event),
    say: (type: EventType, data: unknown) =>
      web.publish(record({ type, source: 'web', projectId: 'p1', cause: null, data, now: new Date() })),
    async start(project?: { id: string; root: string; base: string }) {
      await writeFile(
        join(dir, 'bus', 'memory.json'),
        JSON.stringify({ ...config, ...(project && { own: { project } }) }),
      )
      child = spawn(process.execPath, [program], {
        env: { PATH: process.env.PATH, SLUICE_DATA: dir },
        stdio: ['ignore', 'inherit', 'pipe'],
      })
      const memory = listening(child, createInterface({ input: child.stderr as NodeJS.ReadableStream }))
      await memory.says('ready')
      return memory
    },
    kill: () => ended(child, 'SIGKILL'),
    async [Symbol.asyncDispose]() {
      await ended(child, 'SIGTERM')
      await broker[Symbol.asyncDispose]()
    },
  }
}

/** What the process logs, kept from its first line on. */
function listening(child: ChildProcess, lines: Interface) {
  const said: string[] = []
  lines.on('line', (line) => said.push(line))
  const matching = (...words: string[]) => said.filter((line) => words.every((word) => line.includes(`"${word}"`)))
  return {
    said: matching,
    async says(...words: string[]): Promise<void> {
      while (matching(...words).length === 0) {
        const next = await Promise.race([once(lines, 'line'), once(lines, 'close')])
        if (next.length === 0) throw new Error(`It ended before it said ${words.join(' ')}:\n${said.join('\n')}`)
      }
    },
    stop: () => ended(child, 'SIGTERM'),
  }
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<number | null> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
  const exit = once(child, 'exit')
  child.kill(signal)
  const [code] = (await exit) as [number | null]
  return code
}
