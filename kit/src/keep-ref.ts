/** A ref of Sluice's own that keeps a commit from being collected; never pushed, never checked out. */
import { git } from './git.ts'
import type { Repository } from './repository.ts'

export async function keepRef(
  repository: Pick<Repository, 'refs'>,
  ref: `refs/sluice/${string}`,
  commit: string,
): Promise<void> {
  await git(repository.refs, ['update-ref', '-m', 'sluice', ref, commit])
}
