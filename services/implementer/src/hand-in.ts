/** What a round leaves: the commit that is judged, its diff, its recording. Facts, read from git. */
import { readFile } from 'node:fs/promises'
import type { Artifacts } from '@sluice/kit/artifacts.ts'
import { diffOf, patchId, treeOf } from '@sluice/kit/diff.ts'
import type { Repository } from '@sluice/kit/repository.ts'
import type { Artifact, Judged } from '@sluice/proto/parts.ts'
import { CAST_TYPE } from './shell.ts'

type HandedIn = {
  judged: Judged
  diff: Artifact
  files: { path: string; additions: number; deletions: number }[]
  recording?: Artifact
}

/** `files` leaves out the story's own documents: they are no work. */
export async function handIn(
  repository: Repository,
  {
    branch,
    base,
    artifacts,
    recording,
  }: { branch: string; base: string; artifacts: Artifacts; recording(): string | null },
): Promise<HandedIn> {
  const commit = await repository.head(branch)
  const judged = {
    base,
    commit,
    tree: await treeOf(repository, commit),
    patchId: await patchId(repository, base, commit),
  }
  const { files, patch } = await diffOf(repository, base, commit)
  const diff = await artifacts.put(patch, { name: 'story.diff', mediaType: 'text/x-diff' })
  const cast = recording()
  return {
    judged,
    diff,
    files: files
      .filter(({ path }) => !isDocument(path))
      .map(({ path, additions, deletions }) => ({ path, additions, deletions })),
    ...(cast
      ? {
          recording: await artifacts.put(await readFile(cast), {
            name: 'terminal.cast',
            mediaType: CAST_TYPE,
          }),
        }
      : {}),
  }
}

/** The story's own, written by the host. */
export const isDocument = (path: string): boolean => path.startsWith('.sluice/stories/') || path.startsWith('.changes/')
