/** Keeps what git ignores and set-up did not make: a tar archive beside the worktree, with a list of what is in it. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { create, list } from 'tar'
import { eachOf, everythingBelow } from './copy-tree.ts'
import { Refusal } from './errors.ts'
import { records } from './git.ts'
import { madeBySetUp, readPrepared } from './prepared.ts'
import { openTreeGit } from './tree-git.ts'
import type { Worktree } from './worktree.ts'

export type Archived = { path: string; sha256: string; bytes: number; files: number }
type File = { path: string; bytes: number }

export const archiveFile = (dir: string): string => `${dir}.ignored.tar.gz`
export const archiveList = (dir: string): string => `${dir}.ignored.json`

/** Null where there is nothing to keep. Refuses more than `mostMb`: then the worktree has to stay. */
export async function archiveIgnored(worktree: Worktree, mostMb: number): Promise<Archived | null> {
  const files = await ignoredFiles(worktree)
  if (files.length === 0) return null
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  if (bytes > mostMb * 1e6) {
    const largest = files.reduce((a, b) => (a.bytes > b.bytes ? a : b))
    throw new Refusal(
      `${Math.ceil(bytes / 1e6)} MB in ${files.length} files that git ignores and set-up did not make are more than is archived; the largest is ${largest.path}.`,
      'Remove what nobody needs, or raise `worktree.archiveMb` in your config.yaml.',
    )
  }

  const { dir } = worktree
  const beside = `${archiveFile(dir)}.${crypto.randomUUID()}`
  try {
    // Behind `./` no name is an option or the name of another archive.
    await create(
      { gzip: true, cwd: dir, file: beside, noDirRecurse: true, mode: 0o600 },
      files.map(({ path }) => `./${path}`),
    )
    await confirmWhole(beside, files)
    const archived = {
      path: archiveFile(dir),
      sha256: await sha256Of(beside),
      bytes: (await stat(beside)).size,
      files: files.length,
    }
    await writeFile(
      archiveList(dir),
      `${JSON.stringify({ of: basename(dir), ...archived, holds: files }, null, 1)}\n`,
      { mode: 0o600 },
    )
    await rename(beside, archiveFile(dir))
    return archived
  } finally {
    await rm(beside, { force: true })
  }
}

async function ignoredFiles({ repository: { view }, dir, gitDir }: Worktree): Promise<File[]> {
  await using git = await openTreeGit({ view, workTree: dir, index: join(gitDir, 'index') })
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard']
  const listed = (await git.run([{ args, prints: true }])).flatMap(records)
  const prepared = await readPrepared(dir)
  const found: File[] = []
  await eachOf((await Promise.all(listed.map((path) => filesOf(dir, path)))).flat(), async (path) => {
    const stats = await lstat(join(dir, path)).catch(() => null)
    // Sockets and pipes hold nothing.
    if (!stats || !(stats.isFile() || stats.isSymbolicLink())) return
    if (!prepared || !madeBySetUp(prepared, stats.ctimeMs)) found.push({ path, bytes: stats.isFile() ? stats.size : 0 })
  })
  return found.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Git does not look into a repository that lies in an ignored place: it names its directory. */
async function filesOf(dir: string, path: string): Promise<string[]> {
  if (!path.endsWith('/')) return [path]
  const below = await everythingBelow(join(dir, path))
  return below.filter(({ kind }) => kind !== 'dir').map((one) => path + one.path)
}

async function confirmWhole(file: string, files: readonly File[]): Promise<void> {
  const inside = new Map<string, number>()
  await list({ file, onReadEntry: (entry) => void inside.set(entry.path.replace(/^\.\//, ''), entry.size ?? 0) })
  const wrong = files.find(({ path, bytes }) => inside.get(path) !== bytes)
  // A second name of one file is stored as a link to the first, without bytes.
  if (wrong && !(inside.has(wrong.path) && inside.get(wrong.path) === 0))
    throw new Error(`${wrong.path} changed while it was archived.`)
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
