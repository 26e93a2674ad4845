/** A story's own worktree, made once however often it is asked for. */
import { lstat, mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { clearHalfMade, gitDirOf } from './checkouts.ts'
import { Refusal } from './errors.ts'
import { GitError, type GitPlace, git } from './git.ts'
import { lockGitDir } from './git-lock.ts'
import { commitOf, type Repository } from './repository.ts'
import { openTreeGit } from './tree-git.ts'

export type Worktree = {
  repository: Repository
  dir: string
  /** Where git keeps this worktree's HEAD and index: inside the repository, out of the agent's reach. */
  gitDir: string
  branch: string
  /** The commit the story began at. */
  base: string
}

type Wanted = { repository: Repository; dir: string; branch: string; base: string; signal?: AbortSignal }

const ADD_TRIES = 5
const LOOKS = 20
const LOOK_AGAIN_MS = 10

/**
 * The worktree of `branch` at `dir`, made from `base` if there is none. Asked again, also after being killed half way, it gives the
 * same one with all that was changed in it; a branch that exists is continued at its tip, never made twice.
 */
export async function makeWorktree({ repository, dir, branch, base, signal }: Wanted): Promise<Worktree> {
  await mkdir(dirname(resolve(dir)), { recursive: true })
  const wanted = {
    repository,
    dir: join(await realpath(dirname(resolve(dir))), basename(dir)),
    branch,
    base: await commitOf(repository, base),
  }
  const worktree = { ...wanted, gitDir: await lockedAdd(wanted, signal) }
  await checkOutOnce(worktree)
  return worktree
}

async function lockedAdd(wanted: Wanted, signal?: AbortSignal): Promise<string> {
  using _lock = await lockGitDir(wanted.repository.commonDir, signal)
  await clearHalfMade(wanted.repository.commonDir)
  return (await existing(wanted)) ?? (await add(wanted))
}

/** Git's directory of the worktree if it was made to its end; what a killed `git worktree add` left is cleared away. */
async function existing({ repository: { commonDir }, dir, branch }: Wanted): Promise<string | undefined> {
  const gitDir = await gitDirOf(commonDir, dir)
  if (gitDir === undefined) return undefined
  const isHalf = await staysHalf(gitDir)
  // Read only now: while git is still at work there, HEAD names no branch yet.
  const head = await textOf(join(gitDir, 'HEAD'))
  const half = isHalf || head === undefined
  const gone = (await namesIn(dir)).length === 0
  if (half || gone) return void (await rm(gitDir, { recursive: true, force: true }))
  if (head === `ref: refs/heads/${branch}`) {
    // Gone, it is put back, lest the person's git takes the worktree for abandoned; replaced, it is for `snapshot` to refuse.
    const pointer = join(dir, '.git')
    if ((await lstat(pointer).catch(() => null)) === null)
      await writeFile(pointer, `gitdir: ${gitDir}\n`, { flag: 'wx' })
    return gitDir
  }
  throw new Refusal(`${dir} is a worktree of something else than ${branch}.`, `Remove it: git worktree remove ${dir}`)
}

/** Git's own mark of a worktree still being made; any other reason to be locked is the person's. Its git may outlive who asked for it. */
async function staysHalf(gitDir: string): Promise<boolean> {
  const half = async () => (await textOf(join(gitDir, 'locked'))) === 'initializing'
  for (let looks = 0; looks < LOOKS; looks++) {
    if (!(await half())) return false
    await after(LOOK_AGAIN_MS)
  }
  return half()
}

async function add({ repository: { refs, commonDir }, dir, branch, base }: Wanted): Promise<string> {
  if ((await namesIn(dir)).some((name) => name !== '.git')) {
    throw new Refusal(`${dir} is in the way of a new worktree.`, 'Move it somewhere else, or remove it.')
  }
  for (let tries = 1; ; tries++) {
    await rm(dir, { recursive: true, force: true })
    const known = (await git(refs, ['show-ref', '--verify', '--quiet', `refs/heads/${branch}`], { ok: [1] })).code === 0
    const which = known ? [dir, branch] : ['--no-track', '-b', branch, dir, base]
    try {
      // Its own process group: who ends ours does not cut it off between two of its files.
      await git(refs, ['worktree', 'add', '--quiet', '--no-checkout', ...which], { detached: true })
      break
    } catch (error) {
      if (!(error instanceof GitError)) throw error
      if (/already checked out at|already used by worktree/.test(error.stderr)) {
        throw new Refusal(`${error.stderr.trim().replace(/^fatal: /, '')}.`, 'Check out another branch there.', {
          cause: error,
        })
      }
      // Parallel adds, by whomever, were seen to fail: "failed to read commondir".
      if (tries === ADD_TRIES) throw error
    }
  }
  return (await gitDirOf(commonDir, dir)) ?? refuseLost(dir)
}

function refuseLost(dir: string): never {
  throw new Error(`git made a worktree at ${dir} and does not know it`)
}

/** The index is written last, in one rename: where there is one, every file was there, and what differs now is somebody's work. */
async function checkOutOnce({ repository: { view, refs }, gitDir, dir, branch }: Worktree): Promise<void> {
  using _lock = await lockGitDir(gitDir)
  const index = join(gitDir, 'index')
  if ((await lstat(index).catch(() => null)) !== null) return
  const tip = await commitOf({ refs }, `refs/heads/${branch}`)
  await checkOut(view, { dir, index, commit: tip })
}

/** Writes a commit's files into `dir`, and their index. Filters of the person's config (LFS) do not run: pointers stay pointers. */
export async function checkOut(view: GitPlace, to: { dir: string; index: string; commit: string }): Promise<void> {
  await using git = await openTreeGit({ view, workTree: to.dir, index: to.index, writesTree: true })
  await git.run([{ args: ['read-tree', '--reset', '-u', to.commit] }])
  await git.keepIndex(to.index)
}

const textOf = async (path: string): Promise<string | undefined> =>
  (await readFile(path, 'utf8').catch(() => undefined))?.trim()

const namesIn = (dir: string): Promise<string[]> => readdir(dir).catch(() => [])
