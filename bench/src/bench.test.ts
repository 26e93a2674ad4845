/** Every bench runs on tiny counts, and what it counts is true: whatever was begun has ended, once each. No time is asserted. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { full as cacheCounts, measureCache } from './cache.ts'
import { sluiceAnthropic } from './engines/workers.ts'
import { measureEngines } from './engines.ts'
import { openMany } from './line/many.ts'
import { measureLine } from './line.ts'
import { Absent } from './peers/fetched.ts'
import { measurePeers } from './peers.ts'
import { measureReplicas } from './replicas.ts'
import { measureWorktrees } from './worktrees.ts'

const tiny = { inFlight: [3], rounds: 1, stories: () => 5, warmUp: 2 }

test('line: every story shipped through eight steps, every chain came to its end', async () => {
  const { perStory, messagesPerChain, levels, ratios } = await measureLine(tiny)

  // A story that did not end, or a step taken twice, would leave a broken number of messages.
  expect(perStory.messages).toEqual({ STORY: 28, RUN: 16, leases: 8 })
  expect(perStory.events).toMatchObject({ 'story.submitted': 1, 'gate.approved': 4, 'story.shipped': 1 })
  expect(messagesPerChain).toBe(9)
  expect(levels.map(({ inFlight }) => inFlight)).toEqual([3])
  expect(ratios.ratio3).toBeGreaterThan(0)
}, 120_000)

test('peers: one that cannot be had is said to be absent, and the rest runs', async () => {
  const absent = {
    name: 'absent',
    what: 'a peer nobody can fetch',
    goal: '',
    open: () => Promise.reject(new Absent('No network.')),
  }

  const { peers } = await measurePeers(tiny, [absent, { ...absent, name: 'another' }])

  expect(peers.absent).toEqual({ what: absent.what, absent: 'No network.', levels: [] })
  expect(peers.another).toMatchObject({ absent: 'No network.' })
}, 120_000)

test('replicas: each request is answered once, by one replica or several', async () => {
  const { levels } = await measureReplicas({ replicas: [1, 2], latencyMs: 20, each: 2 })

  expect(levels.map(({ replicas, answered }) => [replicas, answered])).toEqual([
    [1, 2],
    [2, 4],
  ])
}, 120_000)

test('worktrees: ours and bare ones hold every file, alone and beside others', async () => {
  const { levels } = await measureWorktrees({ files: [30], atOnce: [1, 3], rounds: 1, installs: 0 })

  expect(levels.map(({ files, atOnce, rounds }) => [files, atOnce, rounds.length])).toEqual([
    [30, 1, 1],
    [30, 3, 1],
  ])
}, 120_000)

test('cache: in thirty turns over several replicas nothing that was sent before is sent uncached again', async () => {
  const { turns, replicas, hits, misses, shareAfterFirst, requestLog, each } = await measureCache(cacheCounts)

  expect({ turns, hits, misses }).toEqual({ turns: 30, hits: 29, misses: 0 })
  expect(replicas).toBeGreaterThan(3)
  expect(shareAfterFirst).toBeGreaterThan(90)
  expect(each.at(-1)?.blocks).toBeGreaterThan(300)
  expect((await readFile(requestLog, 'utf8')).trim().split('\n')).toHaveLength(30)
}, 120_000)

test('engines: the story is done by whoever does it, and one that cannot be had is said to be absent', async () => {
  const nobody = { name: 'nobody', what: '', work: () => Promise.reject(new Absent('Not here.')) }

  const { workers } = await measureEngines({ steps: 2, rounds: 1 }, [sluiceAnthropic, nobody])

  expect(workers.nobody).toEqual({ absent: 'Not here.' })
  expect(workers.anthropic).toMatchObject({ requests: 6, changed: 2 })
}, 120_000)

test('what has ended begins the next in its lane; an end told twice counts once', async () => {
  const begun: [string, number][] = []
  const many = openMany(async (id, lane) => void begun.push([id, lane]))

  const all = many.run(3, 2)
  many.ended('n2')
  many.ended('n2')
  many.ended('n1')
  many.ended('n3')
  await all

  expect(begun).toEqual([
    ['n1', 0],
    ['n2', 1],
    ['n3', 1],
  ])
  expect(many.count()).toBe(3)
})
