/** What is remembered of a commit that no story made. */
import type { Past } from '@sluice/kit/history.ts'
import { clipped, type MemoryEntry } from './entry.ts'
import { historyId } from './history-id.ts'

/** A change of more files moved or reformatted them: its words are kept, and none of its files is in it for its own sake. */
const MOST_FILES = 200
const LONGEST = { title: 200, body: 4_000, summary: 800 }

/** Null for what teaches nothing: robots, and commits that only take others back. */
export function historyEntry(past: Past, projectId: string): MemoryEntry | null {
  if (past.byRobot || past.reverts.length > 0 || past.title === '') return null
  const { commit, commits, at, files } = past
  const title = clipped(past.title, LONGEST.title)
  return {
    ...{ id: historyId(commit), origin: 'history', projectId, at, title, commit, commits },
    from: [{ kind: 'commit', id: commit, what: 'commit', at }],
    body: clipped(past.body, LONGEST.body),
    summary: clipped(past.body, LONGEST.summary) || title,
    files: files.length > MOST_FILES ? [] : files,
  }
}
