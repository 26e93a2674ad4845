/** What of the story stands in the worktree before a round begins: whoever goes on must not do it again, nor take it for the project's. */
import { diffOf } from '@sluice/kit/diff.ts'
import { uncommittedFiles } from '@sluice/kit/project-files.ts'
import type { Worktree } from '@sluice/kit/worktree.ts'
import { isDocument } from './hand-in.ts'

/** Null where nothing was done yet. */
export async function workSoFar(worktree: Worktree, base: string): Promise<string | null> {
  const { repository, branch } = worktree
  const { files } = await diffOf(repository, base, await repository.head(branch))
  const committed = files
    .filter(({ path }) => !isDocument(path))
    .map(({ path, additions, deletions }) => `${path} +${additions} -${deletions}`)
  const left = await uncommittedFiles(worktree)
  if (committed.length + left.length === 0) return null
  return [
    `<work-so-far base="${base.slice(0, 12)}">`,
    ...(committed.length > 0
      ? [`Committed in earlier rounds, to be seen with git diff ${base.slice(0, 12)}:`, ...committed]
      : []),
    ...(left.length > 0 ? ['Not committed, left by an earlier attempt at this round:', ...left] : []),
    '</work-so-far>',
  ].join('\n')
}
