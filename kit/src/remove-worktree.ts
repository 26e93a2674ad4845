/** Removes a story's worktree, only when nothing in it would be lost. */
import { lstat, rm } from 'node:fs/promises'
import { Refusal } from './errors.ts'
import { type GitPlace, git, gitText } from './git.ts'
import { lockGitDir } from './git-lock.ts'
import { snapshot } from './snapshot.ts'
import type { Worktree } from './worktree.ts'

export type Removal = { removed: true } | { removed: false; why: string }

/**
 * Removes a worktree whose every byte that git does not ignore is reachable from one of `keptRefs` (full names); else it stays and says
 * why. The branch stays in any case. Ignored files go with it. Asked again, it is still removed.
 */
export async function removeWorktree(worktree: Worktree, { keptRefs }: { keptRefs: string[] }): Promise<Removal> {
  const { repository, dir, gitDir } = worktree
  if ((await lstat(dir).catch(() => null)) !== null) {
    const why = await whatWouldBeLost(worktree, keptRefs)
    if (why !== null) return { removed: false, why }
  }
  using _lock = await lockGitDir(repository.commonDir)
  await rm(dir, { recursive: true, force: true })
  await rm(gitDir, { recursive: true, force: true })
  return { removed: true }
}

async function whatWouldBeLost(worktree: Worktree, keptRefs: string[]): Promise<string | null> {
  const { view, refs } = worktree.repository
  const kept: string[] = []
  for (const ref of keptRefs) {
    const { code, stdout } = await git(refs, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], { ok: [1, 128] })
    if (code !== 0) return `${ref}, which should keep it, does not exist`
    kept.push(stdout.toString().trim())
  }
  try {
    await using now = await snapshot(worktree, worktree.base)
    return await firstUnkept(view, { tree: now.tree, kept })
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
}

async function firstUnkept(view: GitPlace, { tree, kept }: { tree: string; kept: string[] }): Promise<string | null> {
  // Git leaves out only what the kept commits' own trees hold; for what older ones may hold it is asked file by file.
  const listed = await gitText(view, ['rev-list', '--objects', '--objects-edge-aggressive', tree, '--not', ...kept])
  for (const [, object = '', path = ''] of listed.matchAll(/^([0-9a-f]{40,64}) (.+)$/gm)) {
    if ((await gitText(view, ['cat-file', '-t', object])) !== 'blob') continue
    const held =
      kept.length > 0 ? await gitText(view, ['log', '-n1', '--format=%H', `--find-object=${object}`, ...kept]) : ''
    if (held === '') return `${path} is in no kept commit`
  }
  return null
}
