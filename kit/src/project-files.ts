/** The files of a worktree that git would call the project's: tracked, or new and not ignored. */
import { join } from 'node:path'
import { records } from './git.ts'
import { openTreeGit } from './tree-git.ts'
import type { Worktree } from './worktree.ts'

export async function projectFiles({ repository: { view }, dir, gitDir }: Worktree): Promise<string[]> {
  await using git = await openTreeGit({ view, workTree: dir, index: join(gitDir, 'index') })
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate']
  return (await git.run([{ args, prints: true }])).flatMap(records).sort()
}

/** Those of them that differ from what was last committed. */
export async function uncommittedFiles({ repository: { view }, dir, gitDir }: Worktree): Promise<string[]> {
  await using git = await openTreeGit({ view, workTree: dir, index: join(gitDir, 'index') })
  const listed = await git.run([
    { args: ['diff-files', '-z', '--name-only', '--no-ext-diff', '--ignore-submodules=all'], prints: true },
    { args: ['ls-files', '-z', '--others', '--exclude-standard'], prints: true },
  ])
  return [...new Set(listed.flatMap(records))].sort()
}
