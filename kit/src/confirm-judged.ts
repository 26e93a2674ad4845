/** Makes sure that what a verdict will name is what was looked at: a request may be wrong about its own commit. */

import type { Judged } from '@sluice/proto/parts.ts'
import { patchId, treeOf } from './diff.ts'
import { TerminalError } from './errors.ts'
import { commitOf, type Repository } from './repository.ts'

/** Rejects with `TerminalError` when commit, tree and patch do not belong together. */
export async function confirmJudged(
  repository: Repository,
  { base, commit, tree, patchId: patch }: Judged,
): Promise<void> {
  await Promise.all([commitOf(repository, base), commitOf(repository, commit)])
  const [itsTree, itsPatch] = await Promise.all([treeOf(repository, commit), patchId(repository, base, commit)])
  if (itsTree === tree && itsPatch === patch) return
  throw new TerminalError(
    `What is to be judged does not hold together: commit ${commit.slice(0, 12)} has another tree or patch than the request names. Retry builds it again.`,
  )
}
