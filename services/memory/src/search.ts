/** Finds earlier work and files: words by SQLite, the rest by ranking. */
import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { MemoryFile, MemoryHit } from '@sluice/proto/rest.ts'
import type { MemoryEntry } from './entry.ts'
import type { Scores } from './graph.ts'
import { type Ranked, ranked, top, VOTERS } from './ranking.ts'
import type { Index, Query } from './store.ts'
import { tokensOf } from './tokens.ts'
import { viewOf } from './view.ts'

/** Columns of `words`. What is told at length says least, a path most; whose it is says nothing. */
const FIT = 'bm25(0, 2, 0.5, 4)'
const CANDIDATES = 200
/** More make a search slow and none better: the rarest are kept. */
const MOST_WORDS = 32
/** A word in more of all entries than this tells none from another, once there are enough to say so. */
const COMMON = 0.25
const ENOUGH = 100
const MOST_FILES = 10
/** What stands below the headline says half as much. */
const BELOW_HEADLINE = 0.5

export function search(index: Index, query: Query): { hits: MemoryHit[]; files: MemoryFile[] } {
  const { projectId, limit } = query
  const words = wordsOf(query.query)
  if (query.query.trim() === '') return { hits: newest(index, query), files: [] }
  const text = candidates(index, query, matchFor(index.db, words))
  const graph = index.graphOf(projectId)
  const order = ranked({ text, words, graph })
  const files = order.files.map(([file, score]) => ({ path: graph.pathOf(file), score }))
  return {
    hits: pinnedFirst(index, text, order.entries)
      .slice(0, limit)
      .flatMap(([number, score]) => hitOf(index, number, score)),
    files: files.filter(({ path }) => index.isPresent(projectId, path)).slice(0, MOST_FILES),
  }
}

/** Every word of a request with how much it says. */
function wordsOf(query: string): Map<string, number> {
  const [headline = '', ...rest] = query.trim().split('\n')
  const below = tokensOf(rest.join('\n')).map((token) => [token, BELOW_HEADLINE] as const)
  return new Map([...below, ...tokensOf(headline).map((token) => [token, 1] as const)])
}

/** The rarest words: what stands in most entries tells none from another. FTS5 counts a word twice that is asked for twice. */
function matchFor(db: DatabaseSync, words: ReadonlyMap<string, number>): string {
  const seen = db.prepare('SELECT doc FROM vocabulary WHERE term = ?')
  const common = COMMON * Math.max(ENOUGH, Number(db.prepare('SELECT count(*) AS n FROM entry').get()?.n))
  const known = [...words].flatMap(([word, weight]) => {
    const doc = seen.get(word)?.doc
    return doc === undefined || Number(doc) > common ? [] : [{ word, weight, entries: Number(doc) }]
  })
  return known
    .sort((a, b) => b.weight - a.weight || a.entries - b.entries)
    .slice(0, MOST_WORDS)
    .flatMap(({ word, weight }) => Array.from({ length: weight / BELOW_HEADLINE }, () => `"${word}"`))
    .join(' OR ')
}

function candidates({ db, standingOf }: Index, { projectId, reverted = false }: Query, match: string): Scores {
  if (match === '') return new Map()
  const rows = db
    .prepare(
      `SELECT rowid AS number, -rank AS score FROM words WHERE words MATCH ? AND rank MATCH ? ORDER BY rank LIMIT ?`,
    )
    .all(`project : ${projectWord(projectId)} AND (${match})`, FIT, CANDIDATES)
  const idOf = db.prepare('SELECT id FROM entry WHERE number = ?')
  const isTold = (number: unknown) => standingOf(projectId, String(idOf.get(Number(number))?.id)).reverted === null
  const told = rows.filter(({ number }) => reverted || isTold(number))
  return new Map(told.map(({ number, score }) => [Number(number), Number(score)]))
}

/** Whose an entry is, as one word that nobody writes. */
export const projectWord = (projectId: string): string =>
  `project${createHash('sha256').update(projectId).digest('hex').slice(0, 16)}`

/** Where relevant: among the entries whose words fit well enough to vote. */
function pinnedFirst({ db, standingOf }: Index, text: ReadonlyMap<number, number>, order: Ranked): Ranked {
  const row = db.prepare('SELECT id, project FROM entry WHERE number = ?')
  const pinned = top(text, VOTERS).flatMap(([number]) => {
    const at = row.get(number)
    return at && standingOf(String(at.project), String(at.id)).pinned ? [number] : []
  })
  if (pinned.length === 0) return order
  const isPinned = ([number]: [number, number]) => pinned.includes(number)
  return [...order.filter(isPinned), ...order.filter((one) => !isPinned(one))]
}

function newest(index: Index, { projectId, limit, reverted = false }: Query): MemoryHit[] {
  const rows = index.db.prepare('SELECT number, id FROM entry WHERE project = ? ORDER BY at DESC, number DESC')
  const told = rows.all(projectId).flatMap(({ number, id }) => {
    const standing = index.standingOf(projectId, String(id))
    const shown = !standing.forgotten && (reverted || standing.reverted === null)
    return shown ? [{ number: Number(number), pinned: standing.pinned }] : []
  })
  const order = [...told.filter(({ pinned }) => pinned), ...told.filter(({ pinned }) => !pinned)]
  return order.slice(0, limit).flatMap(({ number }) => hitOf(index, number, 0))
}

function hitOf({ db, standingOf }: Index, number: number, score: number): MemoryHit[] {
  const row = db.prepare('SELECT told FROM entry WHERE number = ?').get(number)
  if (!row) return []
  const entry = JSON.parse(String(row.told)) as MemoryEntry
  const { forgotten: _f, recorded: _r, from: _p, ...view } = viewOf(entry, standingOf(entry.projectId, entry.id))
  return [{ ...view, score }]
}
