/** Entries as rows of the index: put in, taken out, made searchable, found by name. */
import type { DatabaseSync } from 'node:sqlite'
import type { MemoryEntry } from './entry.ts'
import { projectWord } from './search.ts'
import type { Standing } from './standing.ts'
import { tokensOf } from './tokens.ts'

/** The row's number; null where it is known already. */
export function insert(db: DatabaseSync, entry: MemoryEntry): number | null {
  const { projectId, id, origin, at, files } = entry
  const added = db
    .prepare(
      'INSERT INTO entry (id, project, origin, at, files, told) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (project, id) DO NOTHING',
    )
    .run(id, projectId, origin, at, JSON.stringify(files), JSON.stringify(entry))
  if (added.changes === 0) return null
  for (const commit of entry.commits)
    db.prepare('INSERT INTO known_by VALUES (?, ?, ?) ON CONFLICT DO NOTHING').run(
      ...([projectId, commit, added.lastInsertRowid] as const),
    )
  return Number(added.lastInsertRowid)
}

export function remove(db: DatabaseSync, project: string, id: string): void {
  const number = db.prepare('SELECT number FROM entry WHERE project = ? AND id = ?').get(project, id)?.number
  if (number === undefined) return
  db.prepare('DELETE FROM words WHERE rowid = ?').run(number)
  db.prepare('DELETE FROM known_by WHERE entry = ?').run(number)
  db.prepare('DELETE FROM entry WHERE number = ?').run(number)
}

/** A forgotten entry has no words: nothing can find it. An edit is all there is to search. */
export function indexWords(
  db: DatabaseSync,
  number: number,
  { entry, standing }: { entry: MemoryEntry; standing: Standing },
) {
  db.prepare('DELETE FROM words WHERE rowid = ?').run(number)
  if (standing.forgotten) return
  const words = (text: string) => tokensOf(text).join(' ')
  db.prepare('INSERT INTO words (rowid, project, title, body, path) VALUES (?, ?, ?, ?, ?)').run(
    number,
    projectWord(entry.projectId),
    words(standing.title ?? entry.title),
    words(standing.text ?? entry.body),
    words(entry.files.join('\n')),
  )
}

/** By how a commit's name begins, for people shorten them. */
export function entriesOf(db: DatabaseSync, project: string, commit: string): { id: string; origin: string }[] {
  return db
    .prepare(
      `SELECT DISTINCT id, origin FROM known_by JOIN entry ON number = entry
       WHERE known_by.project = ? AND commit_id >= ? AND commit_id < ?`,
    )
    .all(project, commit, `${commit}g`)
    .map(({ id, origin }) => ({ id: String(id), origin: String(origin) }))
}

export function entryNamed(db: DatabaseSync, project: string, name: string): MemoryEntry | null {
  const exact = db.prepare('SELECT told FROM entry WHERE project = ? AND id = ?').get(project, name)
  if (exact) return JSON.parse(String(exact.told)) as MemoryEntry
  const [only, ...others] = db
    .prepare(
      `SELECT DISTINCT told FROM entry LEFT JOIN known_by ON entry = number
       WHERE entry.project = ? AND (substr(id, 1, ?) = ? OR substr(commit_id, 1, ?) = ?) LIMIT 2`,
    )
    .all(...([project, name.length, name, name.length, name] as const))
  return only && others.length === 0 && name.length >= SHORTEST_NAME
    ? (JSON.parse(String(only.told)) as MemoryEntry)
    : null
}

/** Of a name that is cut short, as git has it. */
const SHORTEST_NAME = 4
