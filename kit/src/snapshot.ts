/** What a worktree holds now, as a tree: read with an index of our own, so that nothing an agent wrote is run or believed. */
import type { Dirent } from 'node:fs'
import { copyFile, lstat, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from './errors.ts'
import { type GitPlace, git, gitRecords, gitText, nulEnded } from './git.ts'
import type { Worktree } from './worktree.ts'

/** A larger file that base does not track is a question for a person, not a commit. */
export const MAX_NEW_FILE_BYTES = 10_000_000

const SUBMODULE = '160000'

export type Snapshot = AsyncDisposable & {
  tree: string
  /** Paths that differ from the commit compared with, sorted. */
  changed: string[]
  /** Makes the index this was read with the worktree's own. */
  keepIndex(): Promise<void>
}

/** Reads the worktree and compares it with the commit `tip`. Refuses nested repositories and large new files, by name. */
export async function snapshot(worktree: Worktree, tip: string): Promise<Snapshot> {
  const { repository, dir, gitDir } = worktree
  const index = join(gitDir, `sluice-index-${crypto.randomUUID()}`)
  const place = { ...repository.view, workTree: dir, env: { ...repository.view.env, GIT_INDEX_FILE: index } }
  try {
    await copyIndex(join(gitDir, 'index'), index, place, tip)
    await refuseRepositories(worktree, place)
    const { gone, there } = await differences(place)
    await refuseLarge(worktree, there)
    await update(place, ['--force-remove'], gone)
    await update(place, ['--add', '--replace', '--remove'], there)
    const tree = await gitText(place, ['write-tree'])
    const changed = await changedPaths(repository.view, tip, tree)
    return {
      tree,
      changed,
      keepIndex: () => rename(index, join(gitDir, 'index')),
      [Symbol.asyncDispose]: () => rm(index, { force: true }),
    }
  } catch (error) {
    await rm(index, { force: true })
    throw error
  }
}

async function update(place: GitPlace, how: string[], paths: string[]): Promise<void> {
  if (paths.length > 0) await git(place, ['update-index', ...how, '-z', '--stdin'], { input: nulEnded(paths) })
}

/**
 * Starts from what git knew of each file, so that only changed ones are read. Git reads again what is not older than its index
 * ("racy git"), so the copy must not look younger than the original.
 */
async function copyIndex(from: string, to: string, place: GitPlace, tip: string): Promise<void> {
  const known = await stat(from).catch(() => null)
  if (known === null) return void (await git(place, ['read-tree', tip]))
  await copyFile(from, to)
  const seconds = (Math.floor(known.mtimeMs) - 1) / 1000
  await utimes(to, seconds, seconds)
}

/** Not `git add` or `git status`: those look into nested repositories with the nested configuration. These two never start anything. */
async function differences(place: GitPlace): Promise<{ gone: string[]; there: string[] }> {
  const [tracked, untracked] = await Promise.all([
    gitRecords(place, [
      'diff-files',
      '-z',
      '--name-status',
      '--no-renames',
      '--no-ext-diff',
      '--ignore-submodules=all',
    ]),
    gitRecords(place, ['ls-files', '-z', '--others', '--exclude-standard']),
  ])
  const gone: string[] = []
  const there = untracked
  for (let i = 0; i + 1 < tracked.length; i += 2) {
    const path = tracked[i + 1] ?? ''
    if (tracked[i] === 'D') gone.push(path)
    else there.push(path)
  }
  return { gone, there }
}

/** A repository inside the tree, or in place of the worktree's own `.git` file, would give whoever runs git there its config to run. */
async function refuseRepositories({ dir, gitDir }: Worktree, place: GitPlace): Promise<void> {
  const pointer = await lstat(join(dir, '.git')).catch(() => null)
  const replaced =
    pointer !== null &&
    !(pointer.isFile() && (await readFile(join(dir, '.git'), 'utf8')).trim() === `gitdir: ${gitDir}`)
  const ignored = await gitRecords(place, [
    'ls-files',
    '-z',
    '--others',
    '--ignored',
    '--exclude-standard',
    '--directory',
  ])
  const skipped = new Set(ignored.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1)))
  const nested = [...(replaced ? ['.git'] : []), ...(await repositoriesUnder(dir, '', skipped))]
  if (nested.length > 0) {
    throw new Refusal(
      `The worktree holds a git repository of its own at ${nested.join(', ')}.`,
      'Remove it, or let .gitignore name its directory.',
    )
  }
}

async function repositoriesUnder(root: string, dir: string, skipped: Set<string>): Promise<string[]> {
  const found: string[] = []
  for (const entry of await entriesOf(root, dir)) {
    const path = dir === '' ? entry.name : `${dir}/${entry.name}`
    // Case and short names as file systems of other people read them.
    if (/^(\.git|git~1)$/i.test(entry.name)) {
      if (dir !== '' || entry.name !== '.git') found.push(path)
    } else if (entry.isDirectory() && !skipped.has(path)) {
      found.push(...(await repositoriesUnder(root, path, skipped)))
    }
  }
  return found
}

/** Git passes over a directory it may not read: what is in it would be neither committed nor missed. */
async function entriesOf(root: string, dir: string): Promise<Dirent[]> {
  try {
    return await readdir(join(root, dir), { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw new Refusal(`${dir} in the worktree cannot be read.`, `Give it back: chmod u+rwx ${join(root, dir)}`, {
      cause: error,
    })
  }
}

async function refuseLarge({ repository: { view }, dir, base }: Worktree, paths: string[]): Promise<void> {
  const sizes = await Promise.all(
    paths.map(async (path) => ({ path, size: (await lstat(join(dir, path)).catch(() => null))?.size ?? 0 })),
  )
  const large = sizes.filter(({ size }) => size > MAX_NEW_FILE_BYTES)
  if (large.length === 0) return
  const tracked = new Set(
    await gitRecords(view, [
      'ls-tree',
      '-r',
      '-z',
      '--name-only',
      '--full-tree',
      base,
      '--',
      ...large.map((f) => f.path),
    ]),
  )
  const refused = large.filter(({ path }) => !tracked.has(path))
  if (refused.length === 0) return
  const list = refused.map(({ path, size }) => `${path} (${Math.round(size / 1e6)} MB)`).join(', ')
  throw new Refusal(`Too large to commit, and not tracked before: ${list}.`, 'Remove it, or let .gitignore name it.')
}

async function changedPaths(view: GitPlace, from: string, to: string): Promise<string[]> {
  const raw = await gitRecords(view, ['diff-tree', '-r', '-z', '--raw', '--no-renames', from, to])
  const changed: string[] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const path = raw[i + 1] ?? ''
    // One that came to be after the look above.
    if (raw[i]?.split(' ')[1] === SUBMODULE)
      throw new Refusal(`The worktree holds a git repository of its own at ${path}.`, 'Remove it.')
    changed.push(path)
  }
  return changed
}
