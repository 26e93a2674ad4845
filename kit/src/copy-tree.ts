/** Copies a directory tree file by file: no file of the copy shares its inode, and where the disk can, none its blocks until one is written. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, normalize } from 'node:path'

/** As many as keep Node's four file threads busy. */
const AT_ONCE = 16

export type Found = { path: string; kind: 'file' | 'link' | 'dir' | 'other'; target?: string }

/** Everything below `root`, directories before what is in them, sorted; links are named and not followed. */
export async function everythingBelow(root: string, below = ''): Promise<Found[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true })
  const found = await Promise.all(
    entries.map(async (entry): Promise<Found[]> => {
      const path = below ? `${below}/${entry.name}` : entry.name
      if (entry.isSymbolicLink()) return [{ path, kind: 'link', target: await readlink(join(root, path)) }]
      if (entry.isDirectory()) return [{ path, kind: 'dir' }, ...(await everythingBelow(root, path))]
      return [{ path, kind: entry.isFile() ? 'file' : 'other' }]
    }),
  )
  return found.flat()
}

/** `to` must not exist. Modes are kept, times are not. Asked to stop, it rejects and leaves a half copy to its caller. */
export async function copyTree(from: string, to: string, signal?: AbortSignal): Promise<void> {
  const all = await everythingBelow(from)
  await mkdir(to)
  const dirs = all.filter(({ kind }) => kind === 'dir')
  for (const { path } of dirs) await mkdir(join(to, path))
  await eachOf(
    all.filter(({ kind }) => kind !== 'dir'),
    async ({ path, kind, target }) => {
      signal?.throwIfAborted()
      if (kind === 'link') await symlink(target ?? '', join(to, path))
      else if (kind === 'file') await copyFile(join(from, path), join(to, path), constants.COPYFILE_FICLONE)
    },
  )
  // Last, and from the deepest up: in a directory that may not be written nothing could be made.
  for (const { path } of dirs.reverse()) await keepMode(join(from, path), join(to, path))
}

async function keepMode(from: string, to: string): Promise<void> {
  const { mode } = await lstat(from)
  if ((mode & 0o777) !== 0o755) await chmod(to, mode & 0o7777)
}

/** A tree that says the same has the same files of the same size and mode, and the same links: a look, not a reading. */
export async function listingOf(root: string): Promise<{ digest: string; files: number; bytes: number }> {
  const all = (await everythingBelow(root)).sort((a, b) => (a.path < b.path ? -1 : 1))
  const hash = createHash('sha256')
  const lines: string[] = new Array(all.length)
  let bytes = 0
  await eachOf([...all.keys()], async (i) => {
    const { path, kind, target } = all[i] as Found
    const stats = await lstat(join(root, path))
    const size = kind === 'file' ? stats.size : 0
    bytes += size
    lines[i] = JSON.stringify([path, kind, target ?? null, size, kind === 'link' ? 0 : stats.mode & 0o777])
  })
  for (const line of lines) hash.update(`${line}\n`)
  return { digest: hash.digest('hex'), files: all.filter(({ kind }) => kind !== 'dir').length, bytes }
}

/** Where a link leads that stands at `path` below some root: outside of that root, or by an absolute name that holds in one place only. */
export const leadsOut = (path: string, target: string): boolean =>
  isAbsolute(target) || normalize(join(dirname(path), target)).split('/')[0] === '..'

/** Also what is read-only, as module caches are; links are removed, what they lead to is not. */
export async function removeTree(dir: string): Promise<void> {
  try {
    await rm(dir, { recursive: true, force: true })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM'))) throw error
    await makeWritable(dir)
    await rm(dir, { recursive: true, force: true })
  }
}

async function makeWritable(dir: string): Promise<void> {
  await chmod(dir, 0o700)
  for (const entry of await readdir(dir, { withFileTypes: true }))
    if (entry.isDirectory()) await makeWritable(join(dir, entry.name))
}

export async function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]()
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of rest) await act(item)
    }),
  )
}
