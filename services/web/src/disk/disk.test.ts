/** What ended stories leave on the disk: packed, taken off RUN, given back and cleared, with nothing lost that anything names. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { artifactStore, sha256 } from '@sluice/kit/artifacts.ts'
import { entrySubject } from '@sluice/kit/journal.ts'
import { takeLease } from '@sluice/kit/lease.ts'
import type { EntryKind } from '@sluice/kit/run.ts'
import { liveMessages } from '@sluice/kit/runs.ts'
import { publishSpent } from '@sluice/kit/spend.ts'
import { makeWorktree } from '@sluice/kit/worktree.ts'
import * as events from '@sluice/proto/events.ts'
import { noUsage } from '@sluice/proto/parts.ts'
import type { ClearedDisk, Disk, DiskEntry } from '@sluice/proto/rest.ts'
import { expect, test, vi } from 'vitest'
import { ask, usage } from '../testing/sayings.ts'
import { type World, webWorld } from '../testing/world.ts'

// A broker, a repository and web of its own for each, some started twice.
vi.setConfig({ testTimeout: 120_000 })

const AT_ONCE = { packAfterMs: 0, purgeAfterMs: 0, againMs: 50, quietMs: 0 }
const LATER = { packAfterMs: 3_600_000, purgeAfterMs: 3_600_000, againMs: 3_600_000, quietMs: 0 }

test('runs of an ended story leave RUN, and what is shown of them does not change by a byte', async () => {
  const tidy = { ...LATER }
  await using world = await webWorld({}, { tidy })
  const { id, run } = await cancelled(world)
  const views = async () =>
    Promise.all(
      ['runs', 'trace', 'trace?as=otlp'].map((view) => world.ask<unknown>('GET', `/api/stories/${id}/${view}`)),
    )
  const before = await views()
  expect(JSON.stringify(before)).toContain('It looked around.')

  Object.assign(tidy, AT_ONCE)
  await world.restart()
  await expect.poll(() => onRun(world, `run.analyst.${id}.>`)).toBe(0)

  const bodies = (all: Awaited<ReturnType<typeof views>>) =>
    all.map(({ body }) => JSON.stringify(body).replace(/"timeUnixNano":"\d+"/g, ''))
  expect(bodies(await views())).toEqual(bodies(before))
  const [packed] = (await world.log(id)).filter((event) => event.type === 'run.packed')
  expect(packed?.data).toMatchObject({ runs: [{ source: 'analyst', runId: run, entries: 3 }] })
  // What models cost is counted from RUN.
  expect(await onRun(world, `run.llm-gateway.${id}.>`)).toBe(1)
})

test('packed is said before anything leaves; done again after a death in between it is said once', async () => {
  const tidy = { ...LATER, packAfterMs: 0 }
  await using world = await webWorld({}, { tidy })
  const { id } = await cancelled(world)
  const packs = async () => (await world.log(id)).filter(({ type }) => type === 'run.packed').length
  await expect.poll(packs).toBe(1)
  expect(await onRun(world, `run.analyst.${id}.>`)).toBe(3)

  await world.restart()
  Object.assign(tidy, AT_ONCE)
  await world.restart()
  await expect.poll(() => onRun(world, `run.analyst.${id}.>`)).toBe(0)

  expect(await packs()).toBe(1)
})

test('what a run says after it was packed is packed as well', async () => {
  const tidy = { ...LATER, packAfterMs: 0 }
  await using world = await webWorld({}, { tidy })
  const { id, run } = await cancelled(world)
  await expect.poll(async () => (await world.log(id)).some(({ type }) => type === 'run.packed')).toBe(true)

  await write(world, { id, run, n: 4, kind: 'stopped', data: {} })
  Object.assign(tidy, AT_ONCE)
  await world.restart()
  await expect.poll(() => onRun(world, `run.analyst.${id}.>`)).toBe(0)

  const { body } = await world.ask<{ notes: { kind: string }[] }[]>('GET', `/api/stories/${id}/runs`)
  expect(body[0]?.notes.map(({ kind }) => kind)).toEqual(['started', 'note', 'stopped'])
})

test('a packed request that is delivered once more is nobody’s work', async () => {
  await using world = await webWorld({}, { tidy: AT_ONCE })
  const { id, run } = await cancelled(world)
  await expect.poll(() => onRun(world, `run.analyst.${id}.>`)).toBe(0)

  expect(await takeLease(await world.bus('analyst'), run, 'late')).toEqual({ revoked: 'packed' })
})

test('a run that nobody has answered stays on RUN when its story ships without it', async () => {
  await using world = await webWorld({}, { tidy: AT_ONCE })
  const id = await world.submit()
  const run = await analystAt(world, id)
  await write(world, { id, run: 'another-run-0001', n: 1, kind: 'started', data: { pid: 1 } })
  await world.say(id, shipped)
  await expect.poll(() => onRun(world, `run.analyst.${id}.${run}.>`)).toBe(0)

  expect(await onRun(world, `run.analyst.${id}.another-run-0001.>`)).toBe(1)
})

test('terminals of runs that failed, parked or died are artifacts once they are packed', async () => {
  const tidy = { ...LATER }
  await using world = await webWorld({}, { tidy })
  const { id, run } = await cancelled(world)
  await mkdir(join(world.repo.dir, 'data', 'runs', run), { recursive: true })
  await writeFile(join(world.repo.dir, 'data', 'runs', run, 'terminal-7.cast'), '{"version":3}\n')
  tidy.packAfterMs = 0
  await world.restart()

  const packed = async () => (await world.log(id)).find((event) => event.type === 'run.packed')?.data.recordings
  await expect.poll(packed).toMatchObject([{ source: 'analyst', runId: run, recording: { name: 'terminal-7.cast' } }])
  const [{ recording } = { recording: { sha256: '' } }] = (await packed()) ?? []
  expect(String(await world.store.get(recording))).toBe('{"version":3}\n')
})

test('the worktree of an ended story is taken away when its days are over, and the proof is an event', async () => {
  const tidy = { ...AT_ONCE }
  await using world = await webWorld({ worktree: { keepDays: 0, archiveMb: 200 } }, { tidy })
  const id = await world.submit()
  const dir = await worktreeOf(world, id)
  await world.repo.write({ 'new.txt': 'new\n' }, dir)

  await world.command(id, 'cancel', {})
  await expect.poll(() => existsSync(dir)).toBe(false)

  const secured = (await world.log(id)).filter((event) => event.type === 'worktree.secured')
  expect(secured.map(({ data }) => data)).toMatchObject([{ path: dir, archived: null }])
  expect(world.repo.git(['show', `refs/sluice/${id}/final:new.txt`])).toBe('new\n')
})

test('a worktree stays its days, and while the person has it', async () => {
  await using world = await webWorld({}, { tidy: AT_ONCE })
  const [kept, lent] = [await world.submit('One.'), await world.submit('Two.')]
  for (const id of [kept, lent]) await worktreeOf(world, id)
  const tip = world.repo.git(['rev-parse', 'HEAD']).trim()
  const data = { path: '/x', branch: 'b', commit: tip, tree: tip }
  await world.say(lent, { type: events.WorktreeLent, source: 'web', cause: null, data })
  for (const id of [kept, lent]) await world.command(id, 'cancel', {})

  const { body } = await world.ask<Disk>('GET', '/api/disk')
  const now = await world.ask<Disk>('GET', '/api/disk?now=true')

  const worktreesIn = ({ entries }: Disk) => entries.filter(({ kind }) => kind === 'worktree')
  expect(worktreesIn(body).map(({ goes }) => goes)).toEqual([false, false])
  expect(worktreesIn(body).find(({ name }) => name === kept)?.why).toMatch(/^Its story has ended; it is kept until 20/)
  expect(worktreesIn(now.body).find(({ name }) => name === kept)).toMatchObject({ goes: true })
  expect(worktreesIn(now.body).find(({ name }) => name === lent)).toMatchObject({
    goes: false,
    why: expect.stringMatching(/^You have taken it/),
  })
})

test('gc takes away what may go, whole kinds or all, and says what stayed and why', async () => {
  await using world = await webWorld({}, { tidy: LATER })
  const [ended, atWork] = [await world.submit('One.'), await world.submit('Two.')]
  const dirs = [await worktreeOf(world, ended), await worktreeOf(world, atWork)]
  const theirs = join(dirname(dirs[0] ?? ''), 'not-a-story')
  await mkdir(theirs)
  await world.command(ended, 'cancel', {})
  const clear = (json: object) => world.ask<ClearedDisk>('POST', '/api/disk/clear', { json })

  expect((await clear({})).body).toEqual({ bytes: 0, removed: [], stayed: [] })
  expect((await clear({ now: true, kinds: ['artifact'] })).body.removed).toEqual([])
  expect(dirs.map((dir) => existsSync(dir))).toEqual([true, true])

  const { body } = await clear({ now: true })

  expect(body.removed).toMatchObject([{ kind: 'worktree', name: ended, storyId: ended }])
  expect(body.bytes).toBeGreaterThan(0)
  expect([...dirs, theirs].map((dir) => existsSync(dir))).toEqual([false, true, true])
})

test('an artifact goes only when it is old and no event, no run and no packed run names it', async () => {
  const tidy = { ...LATER }
  await using world = await webWorld({}, { tidy })
  const { id, run } = await cancelled(world)
  const store = artifactStore(join(world.repo.dir, 'data', 'artifacts'))
  const put = (text: string) => store.put(text, { name: 'x', mediaType: 'text/plain' })
  const [inRun, inEvent, inPack, unnamed, young] = await Promise.all(
    ['in a run', 'in an event', 'in a packed run', 'unnamed', 'young'].map(put),
  )
  await write(world, { id, run, n: 4, kind: 'note', data: { text: 'x', log: inPack } })
  tidy.packAfterMs = 0
  tidy.purgeAfterMs = 0
  await world.restart()
  await expect.poll(() => onRun(world, `run.analyst.${id}.>`)).toBe(0)
  const atWork = await world.submit('At work.')
  await write(world, { id: atWork, run: 'run-at-work-0001', n: 1, kind: 'note', data: { text: 'x', log: inRun } })
  const other = await world.submit('Another.')
  await world.command(other, 'cancel', { reason: `See ${inEvent?.sha256}.` })
  for (const one of [inRun, inEvent, inPack, unnamed]) await age(store.path(one?.sha256 ?? ''))

  const { body } = await world.ask<ClearedDisk>('POST', '/api/disk/clear', { json: { kinds: ['artifact'] } })

  expect(body.removed).toMatchObject([{ kind: 'artifact', name: '1 artifacts' }])
  const there = [inRun, inEvent, inPack, unnamed, young].map((one) => existsSync(store.path(one?.sha256 ?? '')))
  expect(there).toEqual([true, true, true, false, true])
})

test('put in again, an old artifact is young: whoever puts it is about to name it', async () => {
  await using world = await webWorld({}, { tidy: LATER })
  const store = artifactStore(join(world.repo.dir, 'data', 'artifacts'))
  await store.put('again', { name: 'x', mediaType: 'text/plain' })
  await age(store.path(sha256('again')))
  await store.put('again', { name: 'x', mediaType: 'text/plain' })

  await world.ask('POST', '/api/disk/clear', { json: {} })

  expect(existsSync(store.path(sha256('again')))).toBe(true)
})

test('archives go only when a person says after how many days', async () => {
  await using world = await webWorld({ worktree: { keepDays: 0, archiveMb: 200 } }, { tidy: LATER })
  const id = await world.submit()
  await world.repo.commit({ '.gitignore': '*.log\n' })
  const dir = await worktreeOf(world, id)
  await world.repo.write({ 'own.log': 'log\n' }, dir)
  await world.command(id, 'cancel', {})
  await world.ask('POST', '/api/disk/clear', { json: { now: true } })
  const archives = async () => (await readdir(dirname(dir))).filter((name) => name.startsWith(`${id}.ignored`))
  expect(await archives()).toHaveLength(2)

  const kept = await world.ask<Disk>('GET', '/api/disk?now=true')
  await world.ask('POST', '/api/disk/clear', { json: { now: true } })
  expect(await archives()).toHaveLength(2)
  const { body } = await world.ask<ClearedDisk>('POST', '/api/disk/clear', { json: { archives: 0 } })

  expect(kept.body.entries.find(({ kind }: DiskEntry) => kind === 'archive')).toMatchObject({
    goes: false,
    storyId: id,
  })
  expect(body.removed.map(({ kind }) => kind)).toEqual(['archive'])
  expect(await archives()).toEqual([])
  expect((await world.ask('GET', '/api/disk?archives=many')).status).toBe(400)
})

test('answers kept for calls in flight, and dependencies nobody used for long, go; those of stories at work stay', async () => {
  await using world = await webWorld({}, { tidy: LATER })
  const [ended, atWork] = [await world.submit('One.'), await world.submit('Two.')]
  await world.command(ended, 'cancel', {})
  const at = (...path: string[]) => join(world.repo.dir, 'data', ...path)
  for (const id of [ended, atWork]) await world.repo.write({ [`gateway/answers/${id}/analyst.1/x.answer`]: 'x' }, at())
  for (const key of ['used', 'unused']) await world.repo.write({ [`dependencies/p1/${key}/kept.json`]: '{}' }, at())
  await age(at('dependencies/p1/unused/kept.json'))

  await world.ask('POST', '/api/disk/clear', { json: {} })

  expect(await readdir(at('gateway/answers'))).toEqual([atWork])
  expect(await readdir(at('dependencies/p1'))).toEqual(['used'])
})

test('what was attached to an ended story goes once artifacts hold it; what nothing else holds stays', async () => {
  await using world = await webWorld({}, { tidy: LATER })
  const [ended, odd, atWork] = [await world.submit('One.'), await world.submit('Two.'), await world.submit('Three.')]
  for (const id of [ended, odd]) await world.command(id, 'cancel', {})
  const at = join(world.repo.dir, 'data', 'attached')
  const store = artifactStore(join(world.repo.dir, 'data', 'artifacts'))
  await store.put('held', { name: 'a.txt', mediaType: 'text/plain' })
  for (const id of [ended, odd, atWork]) await world.repo.write({ [`${id}/a.txt`]: 'held' }, at)
  await world.repo.write({ [`${odd}/b.txt`]: 'nobody else has this' }, at)

  const { body } = await world.ask<ClearedDisk>('POST', '/api/disk/clear', { json: { now: true, kinds: ['attached'] } })

  expect(body.removed).toMatchObject([{ kind: 'attached', storyId: ended }])
  expect((await readdir(at)).sort()).toEqual([atWork, odd].sort())
  expect(await readdir(join(at, odd))).toEqual(['a.txt', 'b.txt'])
})

test('a checkpoint goes when another one reaches it, not the last one, and none that an event names', async () => {
  await using world = await webWorld({}, { tidy: LATER })
  const id = await world.submit()
  const commits = [1, 2, 3].map((n) => {
    const tree = world.repo.git(['rev-parse', 'HEAD^{tree}']).trim()
    const parent = n === 1 ? 'HEAD' : `refs/sluice/${id}/r1/${n - 1}`
    const commit = world.repo.git(['commit-tree', tree, '-p', parent, '-m', `${n}`]).trim()
    world.repo.git(['update-ref', `refs/sluice/${id}/r1/${n}`, commit])
    return commit
  })
  world.repo.git(['update-ref', `refs/sluice/${id}/final`, commits[0] ?? ''])
  await world.command(id, 'cancel', {})

  await world.ask('POST', '/api/disk/clear', { json: { now: true } })

  const left = world.repo.git(['for-each-ref', '--format=%(refname)', 'refs/sluice/']).trim().split('\n')
  expect(left).toEqual([`refs/sluice/${id}/final`, `refs/sluice/${id}/r1/3`])
})

// ── the world of these tests ─────────────────────────────────────────────────

const shipped = {
  ...{ type: events.StoryShipped, source: 'orchestrator', cause: null },
  data: { commit: 'b'.repeat(40), approvedBy: 'person', usage, rounds: 1 },
}

const onRun = async (world: World, filter: string) => (await liveMessages(await world.bus('telemetry'), filter)).length

/** A story that was cancelled after its analyst had answered, and what that cost. */
async function cancelled(world: World): Promise<{ id: string; run: string }> {
  const id = await world.submit()
  const run = await analystAt(world, id)
  const spent = { id: `${run}-1`, storyId: id, runId: run, role: 'analyst', model: 'claude-test', usage: noUsage }
  await publishSpent(await world.bus('llm-gateway'), spent)
  await world.command(id, 'cancel', {})
  return { id, run }
}

async function analystAt(world: World, id: string): Promise<string> {
  const { submitted } = await world.story(id)
  const run = await world.say(id, ask.scope(submitted, submitted.event))
  await takeLease(await world.bus('analyst'), run, 'analyst')
  await write(world, { id, run, n: 1, kind: 'started', data: { pid: 1, replica: '1', version: '1' } })
  await write(world, { id, run, n: 2, kind: 'note', data: { text: 'It looked around.' } })
  await write(world, { id, run, n: 3, kind: 'answer', data: { answer: { kind: 'failed', reason: 'x' } } })
  return run
}

type Writing = { id: string; run: string; n: number; kind: EntryKind; data: object }
const write = async (world: World, { id, run, n, kind, data }: Writing) =>
  (await world.bus('analyst')).put(
    entrySubject('analyst', id, run, n),
    { kind, attempt: 1, at: new Date().toISOString(), data },
    0,
  )

async function worktreeOf(world: World, id: string): Promise<string> {
  const dir = join(world.repo.dir, 'data', 'worktrees', 'p1', id)
  await makeWorktree({ repository: await world.repo.open(), dir, branch: `sluice/${id}`, base: 'main' })
  return dir
}

/** As if it had been written long ago. */
const age = (path: string) => utimes(path, new Date('2020-01-01'), new Date('2020-01-01'))
