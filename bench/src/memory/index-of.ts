/** The service's own index in a directory that goes away, filled with stories as it fills it with history. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { historyEntry } from '@sluice/memory/history-entry.ts'
import { historyId } from '@sluice/memory/history-id.ts'
import { openStore } from '@sluice/memory/store.ts'
import type { PastStory, Query } from './read.ts'

export const PROJECT = 'bench'
const HITS = 10

export function openIndex() {
  const dir = mkdtempSync(join(tmpdir(), 'slc-bench-memory-'))
  const file = join(dir, 'memory.sqlite')
  const store = openStore(file, 'bench')
  let kept = 0

  return {
    add(stories: readonly PastStory[]): void {
      const entries = stories.flatMap((story) => {
        kept += 1
        // The order alone counts: a day each.
        const at = new Date(kept * 86_400_000).toISOString()
        const { id: commit, title, body, files } = story
        const past = { commit, at, title, body, files, commits: [commit], reverts: [], byRobot: false }
        return historyEntry(past, PROJECT) ?? []
      })
      store.keepHistory(PROJECT, { entries, reverts: [], head: 'bench' })
    },
    /** Ids of stories and paths of files, best first. */
    find({ title, body }: Pick<Query, 'title' | 'body'>): { stories: string[]; files: string[] } {
      const { hits, files } = store.search({ projectId: PROJECT, query: `${title}\n${body}`, limit: HITS })
      return {
        stories: hits.map(({ entry }) => entry.slice(historyId('').length)),
        files: files.map(({ path }) => path),
      }
    },
    megabytes: () =>
      ['', '-wal'].reduce((sum, s) => sum + (statSync(file + s, { throwIfNoEntry: false })?.size ?? 0), 0) / 1e6,
    [Symbol.dispose]() {
      store[Symbol.dispose]()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** Of how long each took, in order. */
export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
