/** Memory on disk and what is made of it in memory: entries, what was said about them, which files they touched. */
import type { DatabaseSync } from 'node:sqlite'
import { redact } from '@sluice/kit/log.ts'
import type { MemoryEntryView, MemoryFile, MemoryHit } from '@sluice/proto/rest.ts'
import { inTransaction, openDatabase } from './database.ts'
import type { MemoryEntry } from './entry.ts'
import { emptyGraph, type Graph } from './graph.ts'
import { historyId } from './history-id.ts'
import { revertedIn } from './reverts.ts'
import { entriesOf, entryNamed, indexWords, insert, remove } from './rows.ts'
import { search } from './search.ts'
import { hear, type Saying, type Standing, untouched } from './standing.ts'
import { viewOf } from './view.ts'

export type Query = { projectId: string; query: string; limit: number; reverted?: boolean }
/** Whoever follows a part of STORY, and how far it has read. */
export type Reader = 'shipped' | 'said' | 'reverted'
export type Read = { reader: Reader; sequence: number }
/** `commit` took back `reverts`, which is the whole name of a commit or how it begins. */
export type Revert = { commit: string; reverts: string; at: string }

export type MemoryStore = Disposable & {
  position(reader: Reader): number
  /** All or nothing: what it says and how far was read. An entry that is here already changes nothing. */
  keep(entry: MemoryEntry | null, read: Read): void
  /** All or nothing. What is said of an entry that is not here yet is kept until it is. */
  hear(said: { project: string; entry: string; saying: Saying } | null, read: Read): void
  /** The commit up to which the base branch was read. */
  headOf(project: string): string | null
  /** All or nothing: commits no story made, what they take back, and the commit up to which was read. */
  keepHistory(project: string, read: { entries: MemoryEntry[]; reverts: Revert[]; head: string }): void
  /** Every time a story was taken back or put back, oldest first, as commits say; whether it was heard as an event is not asked. */
  revertsOfStories(project: string): { storyId: string; commit: string; reverts: string }[]
  standingOf(project: string, entry: string): Standing
  /** Files that are on the base now: none else is worth a look. */
  present(project: string, paths: ReadonlySet<string>): void
  /** Best first. Any text will do; without any, what is pinned and then the newest. */
  search(query: Query): { hits: MemoryHit[]; files: MemoryFile[] }
  /** By its id, or by how that or a commit of it begins, if no other begins so. */
  show(project: string, name: string): MemoryEntryView | null
  count(project: string): { stories: number; history: number; forgotten: number }
}

/** What searching needs of the store. */
export type Index = {
  db: DatabaseSync
  standingOf(project: string, entry: string): Standing
  graphOf(project: string): Graph
  isPresent(project: string, path: string): boolean
}

export function openStore(file: string, stream: string): MemoryStore {
  const db = openDatabase(file, stream)
  const standings = new Map<string, Standing>()
  const graphs = new Map<string, Graph>()
  const presentIn = new Map<string, ReadonlySet<string>>()
  for (const { project, id, standing } of db.prepare('SELECT project, id, standing FROM said').all())
    standings.set(keyOf(String(project), String(id)), JSON.parse(String(standing)) as Standing)

  const standingOf = (project: string, id: string) => standings.get(keyOf(project, id)) ?? untouched
  const isPresent = (project: string, path: string) => presentIn.get(project)?.has(path) ?? true

  function graphOf(project: string): Graph {
    const known = graphs.get(project)
    if (known) return known
    const graph = emptyGraph()
    const rows = db.prepare('SELECT number, id, files FROM entry WHERE project = ? ORDER BY at, number').all(project)
    for (const { number, id, files } of rows)
      if (isTold(standingOf(project, String(id)))) graph.add(Number(number), JSON.parse(String(files)) as string[])
    graphs.set(project, graph)
    return graph
  }

  const index: Index = { db, standingOf, graphOf, isPresent }

  /** What is spoken of, as a row; the graph is made anew by whoever asks next. */
  function change(project: string, id: string, saying: Saying): void {
    const standing = hear(standingOf(project, id), saying)
    standings.set(keyOf(project, id), standing)
    const values = [project, id, JSON.stringify(standing)] as const
    db.prepare('INSERT INTO said VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET standing = excluded.standing').run(
      ...values,
    )
    const row = db.prepare('SELECT number, told FROM entry WHERE project = ? AND id = ?').get(project, id)
    if (!row) return
    indexWords(db, Number(row.number), { entry: JSON.parse(String(row.told)) as MemoryEntry, standing })
    graphs.delete(project)
  }

  function add(entry: MemoryEntry): void {
    const { projectId: project, id } = entry
    const number = insert(db, entry)
    if (number === null) return
    indexWords(db, number, { entry, standing: standingOf(project, id) })
    graphs.delete(project)
  }

  /** A transaction that failed leaves nothing behind, in memory neither. */
  function atomically(work: () => void): void {
    const before = new Map(standings)
    try {
      inTransaction(db, work)
    } catch (error) {
      standings.clear()
      for (const [key, standing] of before) standings.set(key, standing)
      graphs.clear()
      throw error
    }
  }

  const moveTo = ({ reader, sequence }: Read) =>
    db
      .prepare(
        'INSERT INTO position VALUES (?, ?) ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)',
      )
      .run(reader, sequence)

  return {
    position: (reader) =>
      Number(db.prepare('SELECT sequence FROM position WHERE reader = ?').get(reader)?.sequence ?? 0),
    keep: (entry, read) =>
      atomically(() => {
        if (entry) {
          for (const commit of entry.commits) remove(db, entry.projectId, historyId(commit))
          add(redacted(entry))
        }
        moveTo(read)
      }),
    hear: (said, read) =>
      atomically(() => {
        if (said) change(said.project, said.entry, redactedSaying(said.saying))
        moveTo(read)
      }),
    headOf: (project) => {
      const head = db.prepare('SELECT commit_id FROM head WHERE project = ?').get(project)?.commit_id
      return head === undefined ? null : String(head)
    },
    keepHistory: (project, { entries, reverts, head }) =>
      atomically(() => {
        for (const entry of entries) if (entriesOf(db, project, entry.commit).length === 0) add(redacted(entry))
        for (const { commit, reverts: taken, at } of reverts)
          db.prepare(
            'INSERT INTO revert (project, commit_id, reverts, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          ).run(project, commit, taken, at)
        for (const { id, origin, commit, reverts: taken, at } of revertedIn(db, project))
          if (origin === 'history' && !standingOf(project, id).heard.some((heard) => heard.id === commit))
            change(project, id, {
              ...{ kind: 'commit', id: commit, what: 'reverted', at, says: 'reverted', commit, reverts: taken },
            })
        db.prepare('INSERT INTO head VALUES (?, ?) ON CONFLICT DO UPDATE SET commit_id = excluded.commit_id').run(
          ...([project, head] as const),
        )
      }),
    revertsOfStories: (project) =>
      revertedIn(db, project).flatMap(({ id, origin, commit, reverts }) =>
        origin === 'story' ? [{ storyId: id, commit, reverts }] : [],
      ),
    standingOf,
    present: (project, paths) => void presentIn.set(project, paths),
    search: (query) => search(index, query),
    show(project, id) {
      const entry = entryNamed(db, project, id)
      return entry ? viewOf(entry, standingOf(project, entry.id)) : null
    },
    count(project) {
      const rows = db.prepare('SELECT id, origin FROM entry WHERE project = ?').all(project)
      const forgotten = rows.filter(({ id }) => standingOf(project, String(id)).forgotten).length
      const stories = rows.filter(({ origin }) => origin === 'story').length
      return { stories, history: rows.length - stories, forgotten }
    },
    [Symbol.dispose]: () => db.close(),
  }
}

const keyOf = (project: string, id: string): string => `${project} ${id}`

/** Agents are told of it, and its files count. */
export const isTold = ({ forgotten, reverted }: Standing): boolean => !forgotten && reverted === null

/** All of it goes into prompts. */
const redacted = (entry: MemoryEntry): MemoryEntry => ({
  ...entry,
  ...{ title: redact(entry.title), body: redact(entry.body), summary: redact(entry.summary) },
})

function redactedSaying(saying: Saying): Saying {
  if (saying.says !== 'edited') return saying
  const { title, text } = saying
  return { ...saying, title: title && redact(title), text: text && redact(text) }
}
