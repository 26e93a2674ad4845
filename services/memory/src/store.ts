/** Memory on disk: an SQLite file that can be thrown away at any time, for the stream can make it anew. */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { MemoryHit } from '@sluice/proto/rest.ts'
import type { MemoryEntry } from './entry.ts'
import { ranked } from './ranking.ts'
import { tokensOf } from './tokens.ts'

export type MemoryStore = Disposable & {
  /** The last sequence of STORY that is in here. */
  position(): number
  /** All or nothing: what it says and how far it has read. An entry that is here already changes nothing. */
  keep(entry: MemoryEntry | null, sequence: number): void
  /** Best first. Any text will do. */
  search(query: { projectId: string; query: string; limit: number }): MemoryHit[]
}

/** Raised whenever tables or tokens change: a file of another version is made anew. */
const VERSION = 1

const TABLES = `
  CREATE TABLE read (stream TEXT NOT NULL, position INTEGER NOT NULL);
  CREATE TABLE story (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, project TEXT NOT NULL, event TEXT NOT NULL, shipped_at TEXT NOT NULL,
    title TEXT NOT NULL, summary TEXT NOT NULL, files TEXT NOT NULL, commit_id TEXT NOT NULL
  );
  CREATE INDEX story_project ON story (project, number);
  CREATE TABLE file (number INTEGER PRIMARY KEY, project TEXT NOT NULL, path TEXT NOT NULL, UNIQUE (project, path));
  CREATE TABLE touched (story INTEGER NOT NULL, file INTEGER NOT NULL, PRIMARY KEY (story, file)) WITHOUT ROWID;
  CREATE INDEX touched_file ON touched (file, story);
  CREATE VIRTUAL TABLE story_words USING fts5 (title, body, path, tokenize = 'unicode61');
  CREATE VIRTUAL TABLE file_words USING fts5 (words, tokenize = 'unicode61');
  CREATE VIRTUAL TABLE vocabulary USING fts5vocab (story_words, row);
`

/** Columns of story_words. What is told at length says least, a path most (measured on two public repositories). */
const WEIGHTS = 'bm25(story_words, 2, 0.5, 4)'
const CANDIDATES = 200
const MOST_TERMS = 48
/** Of one hit: a story that moved a thousand files shall not fill a prompt. */
const MOST_FILES = 30

/** `stream` tells this stream from another of the same name: a position in one says nothing about the other. */
export function openStore(file: string, stream: string): MemoryStore {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const db = usable(file, stream) ?? anew(file, stream)
  return storeIn(db)
}

/** The database in `file`; null if there is none, or one that cannot be read, is of another version or about another stream. */
function usable(file: string, stream: string): DatabaseSync | null {
  const db = new DatabaseSync(file)
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    const version = db.prepare('PRAGMA user_version').get()?.user_version
    const sound = db.prepare('PRAGMA quick_check(1)').get()?.quick_check === 'ok'
    if (version === VERSION && sound && db.prepare('SELECT stream FROM read').get()?.stream === stream) return db
  } catch {
    // Whatever is wrong with it, the stream knows better.
  }
  db.close()
  return null
}

function anew(file: string, stream: string): DatabaseSync {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true })
  const db = new DatabaseSync(file)
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  inTransaction(db, () => {
    db.exec(TABLES)
    db.prepare('INSERT INTO read VALUES (?, 0)').run(stream)
    db.exec(`PRAGMA user_version = ${VERSION}`)
  })
  return db
}

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    work()
    db.exec('COMMIT')
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}

function storeIn(db: DatabaseSync): MemoryStore {
  return {
    position: () => Number(db.prepare('SELECT position FROM read').get()?.position),
    keep: (entry, sequence) =>
      inTransaction(db, () => {
        if (entry) insert(db, entry)
        db.prepare('UPDATE read SET position = max(position, ?)').run(sequence)
      }),
    search: ({ projectId, query, limit }) => search(db, { project: projectId, query, limit }),
    [Symbol.dispose]: () => db.close(),
  }
}

function insert(db: DatabaseSync, entry: MemoryEntry): void {
  const added = db
    .prepare(
      `INSERT INTO story (id, project, event, shipped_at, title, summary, files, commit_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    )
    .run(
      ...([entry.storyId, entry.projectId, entry.event, entry.shippedAt] as const),
      ...([entry.title, entry.summary, JSON.stringify(entry.files), entry.commit] as const),
    )
  if (added.changes === 0) return

  const words = (text: string) => tokensOf(text).join(' ')
  db.prepare('INSERT INTO story_words (rowid, title, body, path) VALUES (?, ?, ?, ?)').run(
    added.lastInsertRowid,
    words(entry.title),
    words(entry.body),
    words(entry.files.join('\n')),
  )
  for (const path of new Set(entry.files)) {
    const known = db.prepare('SELECT number FROM file WHERE project = ? AND path = ?').get(entry.projectId, path)
    const number = known?.number ?? insertFile(db, entry.projectId, path)
    db.prepare('INSERT INTO touched VALUES (?, ?)').run(added.lastInsertRowid, number)
  }
}

function insertFile(db: DatabaseSync, project: string, path: string): number | bigint {
  const { lastInsertRowid } = db.prepare('INSERT INTO file (project, path) VALUES (?, ?)').run(project, path)
  db.prepare('INSERT INTO file_words (rowid, words) VALUES (?, ?)').run(lastInsertRowid, tokensOf(path).join(' '))
  return lastInsertRowid
}

type Asked = { project: string; query: string; limit: number }

function search(db: DatabaseSync, { project, query, limit }: Asked): MemoryHit[] {
  const match = matchFor(db, query)
  if (match === '') return []
  const [stories, last] = Object.values(
    db.prepare('SELECT count(*), max(number) FROM story WHERE project = ?').get(project) ?? {},
  ).map(Number)
  const order = ranked({
    text: scores(db, `SELECT number, -${WEIGHTS} AS score FROM story_words JOIN story ON number = story_words.rowid`, {
      match: `story_words MATCH ?`,
      values: [match, project],
    }),
    paths: scores(
      db,
      'SELECT number, -bm25(file_words) AS score FROM file_words JOIN file ON number = file_words.rowid',
      {
        match: `file_words MATCH ?`,
        values: [match, project],
      },
    ),
    filesOf: linked(db, 'SELECT file AS number FROM touched WHERE story = ?'),
    storiesOf: linked(db, 'SELECT story AS number FROM touched WHERE file = ?'),
    stories: stories ?? 0,
    ageOf: (story) => (last ?? 0) - story,
  })
  return order.slice(0, limit).map(([number, score]) => hit(db, number, score))
}

/** Asked for the same again and again within one search. */
function linked(db: DatabaseSync, sql: string): (key: number) => readonly number[] {
  const statement = db.prepare(sql)
  const known = new Map<number, number[]>()
  return (key) => {
    const numbers = known.get(key) ?? statement.all(key).map(({ number }) => Number(number))
    known.set(key, numbers)
    return numbers
  }
}

function scores(db: DatabaseSync, select: string, { match, values }: { match: string; values: [string, string] }) {
  const rows = db
    .prepare(`${select} WHERE ${match} AND project = ? ORDER BY score DESC LIMIT ${CANDIDATES}`)
    .all(...values)
  return new Map(rows.map(({ number, score }) => [Number(number), Number(score)]))
}

/** Of a long text the rarest words: what stands in most stories tells none from another. */
function matchFor(db: DatabaseSync, query: string): string {
  const seen = db.prepare('SELECT doc FROM vocabulary WHERE term = ?')
  const known = [...new Set(tokensOf(query))].flatMap((token) => {
    const doc = seen.get(token)?.doc
    return doc === undefined ? [] : [{ token, stories: Number(doc) }]
  })
  known.sort((a, b) => a.stories - b.stories)
  return known
    .slice(0, MOST_TERMS)
    .map(({ token }) => `"${token}"`)
    .join(' OR ')
}

function hit(db: DatabaseSync, number: number, score: number): MemoryHit {
  const row = db.prepare('SELECT id, title, summary, files, commit_id FROM story WHERE number = ?').get(number)
  const text = (value: unknown) => String(value)
  return {
    ...{ storyId: text(row?.id), title: text(row?.title), summary: text(row?.summary) },
    files: (JSON.parse(text(row?.files)) as string[]).slice(0, MOST_FILES),
    ...{ commit: text(row?.commit_id), score },
  }
}
