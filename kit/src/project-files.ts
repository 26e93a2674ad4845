/** The files of a worktree that git would call the project's: tracked, or new and not ignored. */
import { join } from 'node:path'
import { gitRecords } from './git.ts'
import type { Worktree } from './worktree.ts'

export async function projectFiles({ repository: { view }, dir, gitDir }: Worktree): Promise<string[]> {
  const place = { ...view, workTree: dir, env: { ...view.env, GIT_INDEX_FILE: join(gitDir, 'index') } }
  const listed = await gitRecords(place, [
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
  ])
  return listed.sort()
}
