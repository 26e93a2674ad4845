/** What a worktree holds now, as a tree: read with an index of our own, so that nothing an agent wrote is run or believed. */
import { type Dirent, existsSync } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from './errors.ts'
import { gitRecords, nulEnded, records } from './git.ts'
import type { TreeCommand } from './git-jail.ts'
import type { Jail } from './jail.ts'
import { openTreeGit, type TreeGit } from './tree-git.ts'
import type { Worktree } from './worktree.ts'

/** A larger file that base does not track is a question for a person, not a commit. */
export const MAX_NEW_FILE_BYTES = 10_000_000

const SUBMODULE = '160000'

export type Snapshot = AsyncDisposable & {
  tree: string
  /** Paths that differ from the commit compared with, sorted. */
  changed: string[]
  /** What was left out, and why: only where the snapshot was told to pass over what it would refuse. */
  passedOver: string[]
  jail: Jail
  /** Makes the index this was read with the worktree's own. */
  keepIndex(): Promise<void>
}

type How = {
  /** What would be refused is left out and named instead: nested repositories, and new files that are too large as well. */
  passOver?: 'nested' | 'nested and large'
  /** An index of the caller's own, which goes on from the worktree's; kept instead of that one. */
  index?: string
}

/** Reads the worktree and compares it with the commit `tip`. Refuses nested repositories and large new files, by name. */
export async function snapshot(worktree: Worktree, tip: string, { passOver, ...how }: How = {}): Promise<Snapshot> {
  const { repository, dir, gitDir } = worktree
  const index = how.index ?? join(gitDir, 'index')
  const known = [index, join(gitDir, 'index')].find((path) => existsSync(path))
  const git = await openTreeGit({ view: repository.view, workTree: dir, ...(known ? { index: known } : {}) })
  try {
    const { gone, there, ignored } = await differences(git, known ? null : tip)
    const nested = await repositoriesIn(worktree, ignored)
    const large = passOver === 'nested' ? [] : await largeFiles(worktree, there)
    if (!passOver) refuseRepositories(nested)
    if (!passOver) refuseLarge(large)
    const out = [...nested.map((path) => path.replace(/\/?[^/]*$/, '')), ...large.map(({ path }) => path)]
    const { tree, changed } = await written(git, { gone, there: there.filter((path) => !isUnder(path, out)), tip })
    await git.migrate()
    return {
      tree,
      changed,
      passedOver: [...nested, ...large.map(named)],
      jail: git.jail,
      keepIndex: () => git.keepIndex(index),
      [Symbol.asyncDispose]: () => git[Symbol.asyncDispose](),
    }
  } catch (error) {
    await git[Symbol.asyncDispose]()
    throw error
  }
}

const isUnder = (path: string, places: string[]): boolean =>
  places.some((place) => place !== '' && (path === place || path === `${place}/` || path.startsWith(`${place}/`)))

/** What the worktree holds that its index does not, and the directories git is told to ignore. `unread`: there is no index yet. */
async function differences(
  git: TreeGit,
  unread: string | null,
): Promise<{ gone: string[]; there: string[]; ignored: string[] }> {
  const [tracked, untracked, ignored] = await git.run(...(unread === null ? [] : [[{ args: ['read-tree', unread] }]]), [
    // Not `git add` or `git status`: those look into nested repositories with the nested configuration. These never start anything.
    {
      args: ['diff-files', '-z', '--name-status', '--no-renames', '--no-ext-diff', '--ignore-submodules=all'],
      prints: true,
    },
    { args: ['ls-files', '-z', '--others', '--exclude-standard'], prints: true },
    { args: ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'], prints: true },
  ])
  const gone: string[] = []
  const there = recordsOf(untracked)
  const changed = recordsOf(tracked)
  for (let i = 0; i + 1 < changed.length; i += 2) {
    const path = changed[i + 1] ?? ''
    if (changed[i] === 'D') gone.push(path)
    else there.push(path)
  }
  return { gone, there, ignored: recordsOf(ignored) }
}

const recordsOf = (output: Buffer | undefined): string[] => records(output ?? Buffer.alloc(0))

/** Writes what is there into the index and as a tree; the paths in which that differs from the commit `tip`. */
async function written(
  git: TreeGit,
  { gone, there, tip }: { gone: string[]; there: string[]; tip: string },
): Promise<{ tree: string; changed: string[] }> {
  const update = (how: string[], paths: string[]): TreeCommand[][] =>
    paths.length === 0 ? [] : [[{ args: [...WHOLE, 'update-index', ...how, '-z', '--stdin'], input: nulEnded(paths) }]]
  const [tree, raw] = await git.run(
    ...update(['--force-remove'], gone),
    ...update(['--add', '--replace', '--remove'], there),
    [{ args: ['write-tree'], prints: true }],
    [{ args: ['diff-index', '--cached', '-z', '--raw', '--no-renames', '--no-ext-diff', tip], prints: true }],
  )
  return { tree: tree?.toString().trim() ?? '', changed: changedPaths(recordsOf(raw)) }
}

/** However large: git would pack a large one at once, and a pack is not looked at. */
const WHOLE = ['-c', 'core.bigFileThreshold=1024g']

/** A repository inside the tree, or in place of the worktree's own `.git` file, would give whoever runs git there its config to run. */
async function repositoriesIn({ dir, gitDir }: Worktree, ignored: string[]): Promise<string[]> {
  const pointer = await lstat(join(dir, '.git')).catch(() => null)
  const replaced =
    pointer !== null &&
    !(pointer.isFile() && (await readFile(join(dir, '.git'), 'utf8')).trim() === `gitdir: ${gitDir}`)
  const skipped = new Set(ignored.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1)))
  return [...(replaced ? ['.git'] : []), ...(await repositoriesUnder(dir, '', skipped))]
}

function refuseRepositories(nested: string[]): void {
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

type Sized = { path: string; size: number }

/** New files that are larger than a commit should hold; what base tracks may be of any size. */
async function largeFiles({ repository: { view }, dir, base }: Worktree, paths: string[]): Promise<Sized[]> {
  const sizes = await Promise.all(
    paths.map(async (path) => ({ path, size: (await lstat(join(dir, path)).catch(() => null))?.size ?? 0 })),
  )
  const large = sizes.filter(({ size }) => size > MAX_NEW_FILE_BYTES)
  if (large.length === 0) return []
  const names = large.map(({ path }) => path)
  const listed = await gitRecords(view, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', base, '--', ...names])
  const tracked = new Set(listed)
  return large.filter(({ path }) => !tracked.has(path))
}

const named = ({ path, size }: Sized): string => `${path} (${Math.round(size / 1e6)} MB)`

function refuseLarge(large: Sized[]): void {
  if (large.length === 0) return
  const list = large.map(named).join(', ')
  throw new Refusal(`Too large to commit, and not tracked before: ${list}.`, 'Remove it, or let .gitignore name it.')
}

/** Of `diff-index --raw`: modes, ids and a letter, then the path. */
function changedPaths(raw: string[]): string[] {
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
