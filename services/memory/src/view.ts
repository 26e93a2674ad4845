/** An entry as people and prompts see it: what was recorded, under what was said about it since. */
import type { MemoryEntryView } from '@sluice/proto/rest.ts'
import type { MemoryEntry } from './entry.ts'
import type { Standing } from './standing.ts'

/** Of one entry: one that moved a thousand files shall not fill a prompt. */
const MOST_FILES = 30

export function viewOf(entry: MemoryEntry, standing: Standing): MemoryEntryView {
  const { id, origin, title, summary, files, commit, at } = entry
  const { pinned, forgotten, reverted } = standing
  return {
    ...{ entry: id, origin, commit, at, pinned, forgotten, reverted },
    storyId: origin === 'story' ? id : null,
    title: standing.title ?? title,
    summary: standing.text ?? summary,
    files: files.slice(0, MOST_FILES),
    edited: standing.title !== null || standing.text !== null,
    recorded: { title, summary },
    from: [...entry.from, ...standing.heard],
  }
}
