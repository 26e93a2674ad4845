/** What a story changed, file by file, as git says it; never as the one says who wrote it. */

import type { Judged } from '@sluice/proto/parts.ts'
import { type Hunk, parsePatch } from '@sluice/proto/patch.ts'
import { type ChangedFile, diffOf } from './diff.ts'
import type { Repository } from './repository.ts'

/** `patch` is its part of the diff, byte for byte. */
export type TouchedFile = ChangedFile & { patch: string; hunks: Hunk[] }

/** Every file the story touched but its own documents. */
export async function changeOf(
  repository: Repository,
  { base, commit }: Pick<Judged, 'base' | 'commit'>,
  storyId: string,
): Promise<TouchedFile[]> {
  const { files, patch } = await diffOf(repository, base, commit)
  const documents = documentsOf(storyId)
  return withPatches(files, patch).filter(
    // What was moved there was something else before, and that is missed now.
    ({ path, oldPath = path }) => !(documents.has(path) && documents.has(oldPath)),
  )
}

/** Exactly what the host writes for a story. Whatever else stands beside it was put there by somebody to be judged. */
const documentsOf = (storyId: string): Set<string> =>
  new Set([
    ...['requirements', 'architecture', 'tasks'].map((name) => `.sluice/stories/${storyId}/${name}.md`),
    `.changes/${storyId}.md`,
  ])

/** Parts of a patch carry names that git may have quoted; they stand in the order of the files, so that is what joins them. */
function withPatches(files: ChangedFile[], patch: string): TouchedFile[] {
  const parts = partsOf(patch)
  let next = 0
  const touched = files.map((file) => {
    // A file that became a link, or the other way round: git writes a deletion and a creation.
    const own = parts.slice(next, next + (file.status === 'type-changed' ? 2 : 1))
    next += own.length
    return { ...file, patch: own.map((part) => part.text).join(''), hunks: own.flatMap((part) => part.hunks) }
  })
  if (next !== parts.length) throw new Error(`git names ${files.length} files and shows ${parts.length}.`)
  return touched
}

function partsOf(patch: string): { text: string; hunks: Hunk[] }[] {
  const lines = patch.split('\n')
  let at = 0
  return parsePatch(patch).map(({ header, hunks, binary }) => {
    const from = at
    at += header.length + binary.length + hunks.reduce((sum, hunk) => sum + 1 + hunk.lines.length, 0)
    return { text: `${lines.slice(from, at).join('\n')}\n`, hunks }
  })
}
