/** What of the story stands in the worktree before a round begins: whoever goes on must not do it again, nor take it for the project's. */
import { join } from 'node:path'
import { diffOf } from '@sluice/kit/diff.ts'
import { gitRecords } from '@sluice/kit/git.ts'
import type { Worktree } from '@sluice/kit/worktree.ts'
import { isDocument } from './hand-in.ts'

/** Null where nothing was done yet. */
export async function workSoFar(worktree: Worktree, base: string): Promise<string | null> {
  const { repository, branch } = worktree
  const { files } = await diffOf(repository, base, await repository.head(branch))
  const committed = files
    .filter(({ path }) => !isDocument(path))
    .map(({ path, additions, deletions }) => `${path} +${additions} -${deletions}`)
  const left = await uncommitted(worktree)
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

async function uncommitted({ repository: { view }, dir, gitDir }: Worktree): Promise<string[]> {
  const place = { ...view, workTree: dir, env: { ...view.env, GIT_INDEX_FILE: join(gitDir, 'index') } }
  const [changed, fresh] = await Promise.all([
    gitRecords(place, ['diff-files', '-z', '--name-only', '--no-ext-diff', '--ignore-submodules=all']),
    gitRecords(place, ['ls-files', '-z', '--others', '--exclude-standard']),
  ])
  return [...new Set([...changed, ...fresh])].sort()
}
