/** Which entry a commit takes back, by whatever name it calls it. */
import type { DatabaseSync } from 'node:sqlite'
import { entriesOf } from './rows.ts'

type Taken = { id: string; origin: string; commit: string; reverts: string; at: string }

/** Every revert with the entry it speaks of in the end: a revert of a revert speaks of what that one took back. */
export function revertedIn(db: DatabaseSync, project: string): Taken[] {
  const rows = db.prepare('SELECT commit_id, reverts, at FROM revert WHERE project = ? ORDER BY number').all(project)
  const reverts = rows.map((r) => ({ commit: String(r.commit_id), reverts: String(r.reverts), at: String(r.at) }))
  const about = new Map<string, Taken[]>()
  for (const { commit, reverts: taken, at } of reverts) {
    const earlier = [...about].find(([known]) => known.startsWith(taken))
    const spoken = earlier
      ? earlier[1].map((one) => ({ ...one, commit, reverts: earlier[0], at }))
      : entriesOf(db, project, taken).map((one) => ({ ...one, commit, reverts: wholeName(db, project, taken), at }))
    about.set(commit, [...(about.get(commit) ?? []), ...spoken])
  }
  return [...about.values()].flat()
}

function wholeName(db: DatabaseSync, project: string, commit: string): string {
  const row = db
    .prepare('SELECT commit_id FROM known_by WHERE project = ? AND commit_id >= ? AND commit_id < ?')
    .get(project, commit, `${commit}g`)
  return row ? String(row.commit_id) : commit
}
