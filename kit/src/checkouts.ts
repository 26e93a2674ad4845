/** The working trees of a repository: where each is, which branch it has, and where git keeps its index. */
import { readdir, readFile, realpath, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { gitRecords } from './git.ts'

export type Checkout = {
  path: string
  gitDir: string
  /** Null when detached. A branch being rebased is detached for git but not for its owner: it counts as checked out. */
  branch: string | null
}

/** All working trees that exist. `main` says where the first one is when git's own guess (beside its directory) may be wrong. */
export async function checkoutsOf(commonDir: string, main?: string): Promise<Checkout[]> {
  const records = await gitRecords({ gitDir: commonDir }, ['worktree', 'list', '--porcelain', '-z'])
  const listed = records.join('\n').split('\n\n').map(parse)
  const linked = await linkedGitDirs(commonDir)
  const checkouts = listed.map(({ path, gone, branch }, index) => {
    if (gone) return undefined
    if (index === 0) return { path: main ?? path, gitDir: commonDir, branch }
    const gitDir = linked.get(path)
    return gitDir === undefined ? undefined : { path, gitDir, branch }
  })
  return Promise.all(
    checkouts
      .filter((at) => at !== undefined)
      .map(async (at) => ({ ...at, branch: at.branch ?? (await rebasing(at.gitDir)) })),
  )
}

/** Git's directory for the working tree at `dir`, found from the repository's side: `dir/.git` is the agent's to replace. */
export async function gitDirOf(commonDir: string, dir: string): Promise<string | undefined> {
  return (await linkedGitDirs(commonDir)).get(dir)
}

/**
 * Removes what a `git worktree add` that was killed between two of its files has left: with it, git refuses much of its work in
 * the whole repository ("failed to read commondir"). One that is only just being made looks the same for a moment, so it is looked at twice.
 */
export async function clearHalfMade(commonDir: string): Promise<void> {
  const first = await halfMade(commonDir)
  if (first.length === 0) return
  await after(HALF_MADE_MS)
  const still = new Set(await halfMade(commonDir))
  for (const gitDir of first.filter((dir) => still.has(dir))) await rm(gitDir, { recursive: true, force: true })
}

const HALF_MADE_MS = 200

async function halfMade(commonDir: string): Promise<string[]> {
  const all = join(commonDir, 'worktrees')
  const dirs = (await readdir(all).catch(() => [])).map((name) => join(all, name))
  const empty = async (path: string) => (await readFile(path, 'utf8').catch(() => '')).trim() === ''
  const half = await Promise.all(
    dirs.map(async (dir) => (await empty(join(dir, 'commondir'))) || (await empty(join(dir, 'gitdir')))),
  )
  return dirs.filter((_, index) => half[index])
}

function parse(entry: string): { path: string; gone: boolean; branch: string | null } {
  const lines = entry.split('\n')
  const value = (key: string) => lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1)
  return {
    path: value('worktree') ?? '',
    gone: lines.includes('bare') || value('prunable') !== undefined,
    branch: value('branch')?.replace(/^refs\/heads\//, '') ?? null,
  }
}

async function linkedGitDirs(commonDir: string): Promise<Map<string, string>> {
  const all = join(commonDir, 'worktrees')
  const names = await readdir(all).catch(() => [])
  const pairs = names.map(async (name): Promise<[string, string]> => {
    const gitDir = join(all, name)
    const pointer = (await readFile(join(gitDir, 'gitdir'), 'utf8').catch(() => '')).trim()
    return [pointer && (await real(dirname(resolve(gitDir, pointer)))), gitDir]
  })
  return new Map((await Promise.all(pairs)).filter(([path]) => path !== ''))
}

const real = (path: string): Promise<string> => realpath(path).catch(() => path)

async function rebasing(gitDir: string): Promise<string | null> {
  for (const state of ['rebase-merge', 'rebase-apply']) {
    const ref = await readFile(join(gitDir, state, 'head-name'), 'utf8').catch(() => '')
    if (ref.startsWith('refs/heads/')) return ref.trim().slice('refs/heads/'.length)
  }
  return null
}
