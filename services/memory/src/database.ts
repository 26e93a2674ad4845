/** The SQLite file of memory: opened if it can be trusted, made anew if not, for the stream and the repository know everything in it. */
import { mkdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Raised whenever tables or tokens change: a file of another version is made anew. */
const VERSION = 2

// `said` and `revert` may speak of entries that are not here yet: each stream of events is read at its own pace.
const TABLES = `
  CREATE TABLE stream (id TEXT NOT NULL);
  CREATE TABLE position (reader TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE head (project TEXT PRIMARY KEY, commit_id TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE entry (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, project TEXT NOT NULL, origin TEXT NOT NULL, at TEXT NOT NULL,
    files TEXT NOT NULL, told TEXT NOT NULL, UNIQUE (project, id)
  );
  CREATE INDEX entry_at ON entry (project, at, number);
  CREATE TABLE known_by (project TEXT NOT NULL, commit_id TEXT NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (project, commit_id, entry)) WITHOUT ROWID;
  CREATE TABLE said (project TEXT NOT NULL, id TEXT NOT NULL, standing TEXT NOT NULL, PRIMARY KEY (project, id)) WITHOUT ROWID;
  CREATE TABLE revert (number INTEGER PRIMARY KEY, project TEXT NOT NULL, commit_id TEXT NOT NULL, reverts TEXT NOT NULL,
    at TEXT NOT NULL, UNIQUE (project, commit_id));
  CREATE VIRTUAL TABLE words USING fts5 (
    project, title, body, path, tokenize = 'unicode61', content = '', contentless_delete = 1
  );
  CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);
`

/** `stream` tells this stream from another of the same name: a position in one says nothing about the other. */
export function openDatabase(file: string, stream: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  return usable(file, stream) ?? anew(file, stream)
}

/** The database in `file`; null if there is none, or one that cannot be read, is of another version or about another stream. */
function usable(file: string, stream: string): DatabaseSync | null {
  const db = new DatabaseSync(file)
  try {
    db.exec(PRAGMAS)
    const version = db.prepare('PRAGMA user_version').get()?.user_version
    const sound = db.prepare('PRAGMA quick_check(1)').get()?.quick_check === 'ok'
    if (version === VERSION && sound && db.prepare('SELECT id FROM stream').get()?.id === stream) return db
  } catch {
    // Whatever is wrong with it, the stream knows better.
  }
  db.close()
  return null
}

function anew(file: string, stream: string): DatabaseSync {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true })
  const db = new DatabaseSync(file)
  db.exec(PRAGMAS)
  inTransaction(db, () => {
    db.exec(TABLES)
    db.prepare('INSERT INTO stream VALUES (?)').run(stream)
    db.exec(`PRAGMA user_version = ${VERSION}`)
  })
  return db
}

const PRAGMAS = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL'

export function inTransaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
}
