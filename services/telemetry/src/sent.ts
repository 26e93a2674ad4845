/** What the collector has taken, and how far the log was read: on disk, so that a restart sends neither too much nor too little. */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export type SentSpans = Disposable & {
  /** The last sequence of STORY whose story is noted here. */
  position(): number
  /** Something was said in a story: it is owed an export until `close`. */
  moved(storyId: string, sequence: number): void
  /** Stories that are owed one. */
  open(): string[]
  /** Of these spans, those the collector has not taken. */
  missing(storyId: string, spanIds: readonly string[]): Set<string>
  taken(storyId: string, spanIds: readonly string[]): void
  /** Nothing more is to come of this story, unless something more is said in it after this sequence. */
  close(storyId: string, sequence: number): void
}

const VERSION = 1
const TABLES = `
  CREATE TABLE read (stream TEXT NOT NULL, position INTEGER NOT NULL);
  CREATE TABLE open (story TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE sent (story TEXT NOT NULL, span TEXT NOT NULL, PRIMARY KEY (story, span)) WITHOUT ROWID;
`

/** `stream` tells this stream from another of the same name: what was sent of one says nothing about the other. */
export function openSent(file: string, stream: string): SentSpans {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const db = usable(file, stream) ?? anew(file, stream)
  const all = (sql: string, ...values: string[]) => db.prepare(sql).all(...values) as { one: string }[]
  return {
    position: () => Number(db.prepare('SELECT position FROM read').get()?.position),
    moved(storyId, sequence) {
      inTransaction(db, () => {
        db.prepare('INSERT OR REPLACE INTO open VALUES (?, ?)').run(storyId, sequence)
        db.prepare('UPDATE read SET position = ?').run(sequence)
      })
    },
    open: () => all('SELECT story AS one FROM open').map(({ one }) => one),
    missing(storyId, spanIds) {
      const sent = new Set(all('SELECT span AS one FROM sent WHERE story = ?', storyId).map(({ one }) => one))
      return new Set(spanIds.filter((id) => !sent.has(id)))
    },
    taken(storyId, spanIds) {
      const insert = db.prepare('INSERT OR IGNORE INTO sent VALUES (?, ?)')
      inTransaction(db, () => {
        for (const id of spanIds) insert.run(storyId, id)
      })
    },
    close: (storyId, sequence) =>
      void db.prepare('DELETE FROM open WHERE story = ? AND sequence <= ?').run(storyId, sequence),
    [Symbol.dispose]: () => db.close(),
  }
}

function usable(file: string, stream: string): DatabaseSync | null {
  const db = new DatabaseSync(file)
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    const version = db.prepare('PRAGMA user_version').get()?.user_version
    if (version === VERSION && db.prepare('SELECT stream FROM read').get()?.stream === stream) return db
  } catch {
    // Unreadable, it is made anew: the collector is sent again what it has, under the same ids.
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
