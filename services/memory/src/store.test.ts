/** The file memory keeps: searched with anything, made anew whenever it cannot be trusted, never half written. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { MemoryEntry } from './entry.ts'
import { historyId } from './history-id.ts'
import { openStore } from './store.ts'

test('the story one means comes first, and none of another project comes at all', async () => {
  await using world = await openWorld()
  world.keep({ id: 'drafts', title: 'Keep drafts', files: ['src/drafts.ts'] })
  world.keep({ id: 'search', title: 'Search members', files: ['src/search.ts'] })
  world.keep({ id: 'theirs', title: 'Keep drafts', projectId: 'p2' })

  expect(world.found('People lose their draft')).toEqual(['drafts'])
})

test('a word in the title says more than one in the text, one in a path most', async () => {
  await using world = await openWorld()
  world.keep({ id: 'path', title: 'One', body: 'three', files: ['src/ledger.ts'] })
  world.keep({ id: 'title', title: 'Ledger two', body: 'three', files: ['src/b.ts'] })
  world.keep({ id: 'body', title: 'Three two', body: 'ledger', files: ['src/c.ts'] })

  expect(world.found('ledger')).toEqual(['path', 'title', 'body'])
})

test('stories that touched the files of the best hit are found without a word in common', async () => {
  await using world = await openWorld()
  world.keep({ id: 'hit', title: 'Keep drafts', files: ['lib/editor.ts'] })
  world.keep({ id: 'neighbour', title: 'Larger letters', files: ['lib/editor.ts'] })
  world.keep({ id: 'stranger', title: 'Larger pictures', files: ['lib/gallery.ts'] })

  expect(world.found('drafts')).toEqual(['hit', 'neighbour'])
})

test('of two that fit alike the later comes first', async () => {
  await using world = await openWorld()
  world.keep({ id: 'earlier', title: 'Keep drafts' })
  world.keep({ id: 'later', title: 'Keep drafts' })

  expect(world.found('drafts')).toEqual(['later', 'earlier'])
})

test('what is pinned comes first where it fits, and nowhere else', async () => {
  await using world = await openWorld()
  world.keep({ id: 'best', title: 'Keep drafts of letters' })
  world.keep({ id: 'pinned', title: 'Drafts', body: 'Somewhere else' })
  world.keep({ id: 'other', title: 'Search members' })
  const before = world.found('keep drafts of letters')

  world.say('pinned', { says: 'pinned', pinned: true })

  expect([before[0], world.found('keep drafts of letters')[0]]).toEqual(['best', 'pinned'])
  expect(world.found('search members')[0]).toBe('other')
  expect(world.found('')[0]).toBe('pinned')
})

test('what is forgotten is found by no words, lends no file, and is had back by saying so', async () => {
  await using world = await openWorld()
  world.keep({ id: 'drafts', title: 'Keep drafts', files: ['src/drafts.ts'] })

  world.say('drafts', { says: 'forgotten', forgotten: true }, 'first')
  const forgotten = world.search('drafts', { reverted: true })
  const listed = world.found('')
  world.say('drafts', { says: 'forgotten', forgotten: false }, 'second')

  expect([forgotten, listed]).toEqual([{ hits: [], files: [] }, []])
  expect(world.found('drafts')).toEqual(['drafts'])
})

test('what a person said before the entry was known holds when it comes, as after a file was deleted', async () => {
  await using world = await openWorld()

  world.say('gone', { says: 'forgotten', forgotten: true }, 'a')
  world.say('right', { says: 'edited', title: 'Keep letters', text: 'Kept on disk.' }, 'b')
  world.keep({ id: 'gone', title: 'Keep drafts' })
  world.keep({ id: 'right', title: 'Keep drafts', summary: 'Kept in memory.' })

  expect(world.found('drafts')).toEqual([])
  expect(world.search('letters').hits).toMatchObject([{ entry: 'right', summary: 'Kept on disk.', edited: true }])
})

test('an edit taken back shows what was recorded', async () => {
  await using world = await openWorld()
  world.keep({ id: 'drafts', title: 'Keep drafts', summary: 'As recorded.' })

  world.say('drafts', { says: 'edited', title: 'Letters', text: 'Otherwise.' }, 'a')
  world.say('drafts', { says: 'edited', title: null, text: null }, 'b')

  expect(world.search('drafts').hits).toMatchObject([{ title: 'Keep drafts', summary: 'As recorded.', edited: false }])
  expect(world.store.show('p1', 'drafts')?.from.map(({ id }) => id)).toEqual(['a', 'b'])
})

test('a commit that was reverted is told to no agent, a person sees it marked, and the revert reverted puts it back', async () => {
  await using world = await openWorld()
  world.read([{ commit: 'a'.repeat(40), title: 'Keep drafts', files: ['src/drafts.ts'] }])

  world.read([], [['b'.repeat(40), 'a'.repeat(40)]])
  const agents = world.search('drafts')
  const person = world.search('drafts', { reverted: true }).hits
  world.read([], [['d'.repeat(40), 'b'.repeat(12)]])

  expect(agents).toEqual({ hits: [], files: [] })
  expect(person).toMatchObject([{ origin: 'history', reverted: 'b'.repeat(40) }])
  expect(world.search('drafts').hits).toMatchObject([{ reverted: null }])
})

test('of a story that was reverted it says so, by any commit of it, and leaves it to the event', async () => {
  await using world = await openWorld()
  const commits = ['a'.repeat(40), 'e'.repeat(40)]
  world.keep({ id: 'drafts', title: 'Keep drafts', commit: 'a'.repeat(40), commits })

  world.read([], [['b'.repeat(40), 'e'.repeat(10)]])

  expect(world.store.revertsOfStories('p1')).toEqual([
    { storyId: 'drafts', commit: 'b'.repeat(40), reverts: 'e'.repeat(40) },
  ])
  expect(world.found('drafts')).toEqual(['drafts'])
})

test('a commit that a story made is the story, whichever was read first', async () => {
  await using world = await openWorld()
  world.read([{ commit: 'a'.repeat(40), title: 'Keep drafts' }])
  world.keep({ id: 'drafts', title: 'Keep drafts', commit: 'a'.repeat(40) })

  world.read([{ commit: 'a'.repeat(40), title: 'Keep drafts' }])

  expect(world.found('drafts')).toEqual(['drafts'])
})

test('keys that were committed by mistake stand in nothing that is told', async () => {
  await using world = await openWorld()
  const key = `ghp_${'x1'.repeat(18)}`

  world.keep({ id: 'drafts', title: `Drop ${key}`, summary: `It was ${key}.`, body: key })
  world.say('drafts', { says: 'edited', text: `Still ${key}.` })

  expect(JSON.stringify([world.search('drop'), world.store.show('p1', 'drafts')])).not.toContain(key)
  expect(world.search('drop').hits[0]?.summary).toBe('Still [redacted].')
})

test('files worth a look are those of work like it and those that are named, as far as they are still there', async () => {
  await using world = await openWorld()
  world.keep({ id: 'hit', title: 'Keep drafts', files: ['lib/editor.ts', 'lib/gone.ts'] })
  world.keep({ id: 'other', title: 'Search members', files: ['src/people.ts', 'src/draft-button.ts'] })
  world.store.present('p1', new Set(['lib/editor.ts', 'src/people.ts', 'src/draft-button.ts']))

  expect(world.search('Lost drafts').files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['lib/editor.ts', 'src/draft-button.ts']),
  )
  expect(world.search('Lost drafts').files.map(({ path }) => path)).not.toContain('lib/gone.ts')
})

test('an entry is shown by the beginning of its id or of a commit, unless two begin so', async () => {
  await using world = await openWorld()
  world.keep({ id: 'drafts-1', commit: 'a'.repeat(40) })
  world.keep({ id: 'drafts-2', commit: 'b'.repeat(40) })

  const shown = ['drafts-1', 'aaaaaaa', 'drafts', 'b', ''].map((name) => world.store.show('p1', name)?.entry)

  expect(shown).toEqual(['drafts-1', 'drafts-1', undefined, undefined, undefined])
})

test('no more than asked for', async () => {
  await using world = await openWorld()
  for (const id of ['a1', 'a2', 'a3']) world.keep({ id, title: 'Keep drafts' })

  expect(world.store.search({ projectId: 'p1', query: 'drafts', limit: 2 }).hits).toHaveLength(2)
})

test.for([
  '',
  '   ',
  '"',
  "'; DROP TABLE entry; --",
  'AND OR NOT NEAR(',
  'title:drafts* ^drafts {a b}: c - + (',
  '\u0000\ud800 \u0301',
  '*',
])('%j is searched for without trouble', async (query) => {
  await using world = await openWorld()
  world.keep({ id: 'drafts', title: 'Keep drafts' })

  expect(() => world.found(query)).not.toThrow()
  expect(world.found('drafts')).toEqual(['drafts'])
})

test('of a hundred kilobytes the words that tell stories apart decide, wherever they stand', async () => {
  await using world = await openWorld()
  world.keep({ id: 'drafts', title: 'Keep drafts' })
  const common = Array.from({ length: 60 }, (_, i) => `common${i}`).join(' ')
  for (const id of ['o1', 'o2', 'o3']) world.keep({ id, title: 'Other', body: common })

  const query = `${`${common} `.repeat(200)}drafts`

  expect(query.length).toBeGreaterThan(100_000)
  expect(world.found(query)).toContain('drafts')
})

test('the same story kept twice is there once', async () => {
  await using world = await openWorld()

  world.keep({ id: 'drafts', title: 'Keep drafts' })
  world.keep({ id: 'drafts', title: 'Keep drafts' })

  expect(world.found('drafts')).toEqual(['drafts'])
})

test('an entry and how far was read stand or fall together', async () => {
  await using world = await openWorld()
  using other = new DatabaseSync(world.file)
  other.exec(`CREATE TRIGGER full BEFORE INSERT ON position BEGIN SELECT RAISE(ABORT, 'disk full'); END`)

  expect(() => world.keep({ id: 'drafts', title: 'Keep drafts' })).toThrow('disk full')

  expect(world.found('drafts')).toEqual([])
  expect(world.store.position('shipped')).toBe(0)
})

test('a story that tells nothing moves the position all the same', async () => {
  await using world = await openWorld()

  world.store.keep(null, { reader: 'shipped', sequence: 42 })

  expect(world.store.position('shipped')).toBe(42)
})

test('what was kept is there when it is opened again', async () => {
  await using world = await openWorld()
  world.keep({ id: 'drafts', title: 'Keep drafts' })

  world.open()

  expect(world.found('drafts')).toEqual(['drafts'])
  expect(world.store.position('shipped')).toBe(1)
})

test.for<[string, (file: string) => unknown]>([
  ['that is no database', (file) => writeFile(file, 'no database '.repeat(1000))],
  ['that is empty', (file) => writeFile(file, '')],
  ['of another version', (file) => changed(file, 'PRAGMA user_version = 99')],
  ['without its tables', (file) => changed(file, 'DROP TABLE stream')],
  ['about another stream', (file) => changed(file, `UPDATE stream SET id = 'another'`)],
])('a file %s is made anew', async ([, spoil]) => {
  await using world = await openWorld()
  world.keep({ id: 'drafts', title: 'Keep drafts' })
  world.store[Symbol.dispose]()
  await spoil(world.file)

  world.open()

  expect(world.store.position('shipped')).toBe(0)
  world.keep({ id: 'drafts', title: 'Keep drafts' })
  expect(world.found('drafts')).toEqual(['drafts'])
})

// ── the world of these tests ─────────────────────────────────────────────────

type Said =
  | { says: 'pinned'; pinned: boolean }
  | { says: 'forgotten'; forgotten: boolean }
  | { says: 'edited'; title?: string | null; text?: string | null }

const at = '2026-01-01T00:00:00.000Z'

function entryFor(n: number, entry: Partial<MemoryEntry>): MemoryEntry {
  const commit = entry.commit ?? String(n).padStart(40, '0')
  return {
    ...{ id: 's1', origin: 'story', projectId: 'p1', from: [], title: '', body: '', summary: '', files: [] },
    ...{ at: new Date(n * 1_000).toISOString(), commit, commits: [commit] },
    ...entry,
  }
}

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
      sequence += 1
      world.store.keep(entryFor(sequence, entry), { reader: 'shipped', sequence })
    },
    /** What the base branch tells: commits, each after the one before. */
    read(entries: Partial<MemoryEntry>[], reverts: [commit: string, reverts: string][] = []) {
      const told = entries.map((entry) => {
        const commit = entry.commit ?? 'c'
        return entryFor(++sequence, { id: historyId(commit), origin: 'history', ...entry })
      })
      const taken = reverts.map(([commit, reverts]) => ({ commit, reverts, at }))
      world.store.keepHistory('p1', { entries: told, reverts: taken, head: 'head' })
    },
    say(entry: string, what: Said, id = `said-${sequence}`) {
      const saying = { kind: 'event', id, what: what.says, at, ...what } as const
      world.store.hear({ project: 'p1', entry, saying }, { reader: 'said', sequence: ++sequence })
    },
    search: (query: string, more: { reverted?: boolean } = {}) =>
      world.store.search({ projectId: 'p1', query, limit: 10, ...more }),
    found: (query: string) => world.search(query).hits.map((hit) => hit.entry),
    async [Symbol.asyncDispose]() {
      world.store[Symbol.dispose]()
      await rm(dir, { recursive: true })
    },
  }
  return world
}
