/** The file memory keeps: searched with anything, made anew whenever it cannot be trusted, never half written. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { MemoryEntry } from './entry.ts'
import { openStore } from './store.ts'

test('the story one means comes first, and none of another project comes at all', async () => {
  await using world = await openWorld()
  world.keep({ storyId: 'drafts', title: 'Keep drafts', files: ['src/drafts.ts'] })
  world.keep({ storyId: 'search', title: 'Search members', files: ['src/search.ts'] })
  world.keep({ storyId: 'theirs', title: 'Keep drafts', projectId: 'p2' })

  expect(world.found('People lose their draft')).toEqual(['drafts'])
})

test('a word in the title says more than one in the text, one in a path most', async () => {
  await using world = await openWorld()
  world.keep({ storyId: 'path', title: 'One', body: 'three', files: ['src/ledger.ts'] })
  world.keep({ storyId: 'title', title: 'Ledger two', body: 'three', files: ['src/b.ts'] })
  world.keep({ storyId: 'body', title: 'Three two', body: 'ledger', files: ['src/c.ts'] })

  expect(world.found('ledger')).toEqual(['path', 'title', 'body'])
})

test('stories that touched the files of the best hit are found without a word in common', async () => {
  await using world = await openWorld()
  world.keep({ storyId: 'hit', title: 'Keep drafts', files: ['lib/editor.ts'] })
  world.keep({ storyId: 'neighbour', title: 'Larger letters', files: ['lib/editor.ts'] })
  world.keep({ storyId: 'stranger', title: 'Larger pictures', files: ['lib/gallery.ts'] })

  expect(world.found('drafts')).toEqual(['hit', 'neighbour'])
})

test('of two that fit alike the later comes first', async () => {
  await using world = await openWorld()
  world.keep({ storyId: 'earlier', title: 'Keep drafts' })
  world.keep({ storyId: 'later', title: 'Keep drafts' })

  expect(world.found('drafts')).toEqual(['later', 'earlier'])
})

test('no more than asked for', async () => {
  await using world = await openWorld()
  for (const storyId of ['a1', 'a2', 'a3']) world.keep({ storyId, title: 'Keep drafts' })

  expect(world.store.search({ projectId: 'p1', query: 'drafts', limit: 2 })).toHaveLength(2)
})

test.for([
  '',
  '   ',
  '"',
  "'; DROP TABLE story; --",
  'AND OR NOT NEAR(',
  'title:drafts* ^drafts {a b}: c - + (',
  '\u0000\ud800 \u0301',
  '*',
])('%j is searched for without trouble', async (query) => {
  await using world = await openWorld()
  world.keep({ storyId: 'drafts', title: 'Keep drafts' })

  expect(() => world.found(query)).not.toThrow()
  expect(world.found('drafts')).toEqual(['drafts'])
})

test('of a hundred kilobytes the words that tell stories apart decide, wherever they stand', async () => {
  await using world = await openWorld()
  world.keep({ storyId: 'drafts', title: 'Keep drafts' })
  const common = Array.from({ length: 60 }, (_, i) => `common${i}`).join(' ')
  for (const storyId of ['o1', 'o2', 'o3']) world.keep({ storyId, title: 'Other', body: common })

  const query = `${`${common} `.repeat(200)}drafts`

  expect(query.length).toBeGreaterThan(100_000)
  expect(world.found(query)).toContain('drafts')
})

test('the same story kept twice is there once', async () => {
  await using world = await openWorld()

  world.keep({ storyId: 'drafts', title: 'Keep drafts' })
  world.keep({ storyId: 'drafts', title: 'Keep drafts' })

  expect(world.found('drafts')).toEqual(['drafts'])
})

test('an entry and how far was read stand or fall together', async () => {
  await using world = await openWorld()
  using other = new DatabaseSync(world.file)
  other.exec(`CREATE TRIGGER full BEFORE UPDATE ON read BEGIN SELECT RAISE(ABORT, 'disk full'); END`)

  expect(() => world.keep({ storyId: 'drafts', title: 'Keep drafts' })).toThrow('disk full')

  expect(world.found('drafts')).toEqual([])
  expect(world.store.position()).toBe(0)
})

test('a story that tells nothing moves the position all the same', async () => {
  await using world = await openWorld()

  world.store.keep(null, 42)

  expect(world.store.position()).toBe(42)
})

test('what was kept is there when it is opened again', async () => {
  await using world = await openWorld()
  world.keep({ storyId: 'drafts', title: 'Keep drafts' })

  world.open()

  expect(world.found('drafts')).toEqual(['drafts'])
  expect(world.store.position()).toBe(1)
})

test.for<[string, (file: string) => unknown]>([
  ['that is no database', (file) => writeFile(file, 'no database '.repeat(1000))],
  ['that is empty', (file) => writeFile(file, '')],
  ['of another version', (file) => changed(file, 'PRAGMA user_version = 99')],
  ['without its tables', (file) => changed(file, 'DROP TABLE read')],
  ['about another stream', (file) => changed(file, `UPDATE read SET stream = 'another'`)],
])('a file %s is made anew', async ([, spoil]) => {
  await using world = await openWorld()
  world.keep({ storyId: 'drafts', title: 'Keep drafts' })
  world.store[Symbol.dispose]()
  await spoil(world.file)

  world.open()

  expect(world.store.position()).toBe(0)
  world.keep({ storyId: 'drafts', title: 'Keep drafts' })
  expect(world.found('drafts')).toEqual(['drafts'])
})

// ── the world of these tests ─────────────────────────────────────────────────

function changed(file: string, sql: string): void {
  using db = new DatabaseSync(file)
  db.exec(sql)
}

async function openWorld() {
  const dir = await mkdtemp(join(tmpdir(), 'slc-memory-'))
  const file = join(dir, 'memory', 'memory.sqlite')
  let sequence = 0
  const world = {
    file,
    store: openStore(file, 'stream-1'),
    open() {
      try {
        world.store[Symbol.dispose]()
      } catch {
        // Closed by the test already.
      }
      world.store = openStore(file, 'stream-1')
    },
    keep(entry: Partial<MemoryEntry>) {
      const common = { storyId: 's1', projectId: 'p1', event: 'event-0001', shippedAt: '', title: '', body: '' }
      world.store.keep({ ...common, summary: '', files: [], commit: 'c', ...entry }, ++sequence)
    },
    found: (query: string) => world.store.search({ projectId: 'p1', query, limit: 10 }).map((hit) => hit.storyId),
    async [Symbol.asyncDispose]() {
      world.store[Symbol.dispose]()
      await rm(dir, { recursive: true })
    },
  }
  return world
}
