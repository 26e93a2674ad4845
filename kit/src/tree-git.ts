/** Git at work on a tree an agent can write: in a jail of its own, with an index of its own, its objects in quarantine until we have looked at them. */
import { copyFile, lstat, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GitPlace } from './git.ts'
import { gitJail, type JailedGit, openJailedGit, type TreeCommand } from './git-jail.ts'
import type { Jail } from './jail.ts'
import { migrate } from './quarantine.ts'

export type TreeGit = AsyncDisposable & {
  jail: Jail
  /** See `JailedGit`: all that is run before the objects or the index are taken runs in one jail. */
  run(...steps: TreeCommand[][]): Promise<Buffer[]>
  /** Moves into the repository what was written, once each object is seen to be what its name says. */
  migrate(): Promise<void>
  /** Makes its index the one at this path. */
  keepIndex(path: string): Promise<void>
}

type Opened = {
  view: GitPlace
  workTree: string
  /** What git knew of each file: read again is only what has changed since. */
  index?: string
  /** Files may be written: a checkout. Else the tree is read-only too. */
  writesTree?: boolean
  jail?: Jail
}

export async function openTreeGit({ view, workTree, index, writesTree = false, ...how }: Opened): Promise<TreeGit> {
  const jail = how.jail ?? (await gitJail())
  const objects = view.env?.GIT_OBJECT_DIRECTORY ?? join(view.gitDir, 'objects')
  const quarantine = await newQuarantine(join(view.gitDir, '..', 'quarantine'), objects)
  const own = join(quarantine, 'index')
  if (index !== undefined) await copyIndex(index, own)
  const env = { ...view.env, GIT_OBJECT_DIRECTORY: join(quarantine, 'objects'), GIT_INDEX_FILE: own }
  const place = { gitDir: view.gitDir, workTree, env }

  let git: Promise<JailedGit> | undefined
  // Nobody writes there any more when we look at it, and take it.
  const end = async () => (await git?.catch(() => undefined))?.end()

  return {
    jail,
    async run(...steps) {
      git ??= openJailedGit({ jail, place, objects, quarantine, writesTree })
      return (await git).run(steps)
    },
    async migrate() {
      await end()
      await migrate(join(quarantine, 'objects'), objects)
    },
    async keepIndex(path) {
      await end()
      await keepIndex(own, path)
    },
    async [Symbol.asyncDispose]() {
      await end()
      await rm(quarantine, { recursive: true, force: true })
    },
  }
}

const STALE_MS = 24 * 3_600_000

/** Objects of the repository are borrowed. What a process that was killed has left is cleared away a day later. */
async function newQuarantine(all: string, objects: string): Promise<string> {
  const quarantine = join(all, crypto.randomUUID())
  await mkdir(join(quarantine, 'objects', 'info'), { recursive: true })
  await writeFile(join(quarantine, 'objects', 'info', 'alternates'), `${objects}\n`)
  for (const name of await readdir(all)) {
    const old = await stat(join(all, name)).catch(() => null)
    if (old && Date.now() - old.mtimeMs > STALE_MS) await rm(join(all, name), { recursive: true, force: true })
  }
  return quarantine
}

/** Git reads again what is not older than its index ("racy git"), so the copy must not look younger than the original. */
async function copyIndex(from: string, to: string): Promise<void> {
  const known = await stat(from).catch(() => null)
  if (known === null) return
  await copyFile(from, to)
  const seconds = (Math.floor(known.mtimeMs) - 1) / 1000
  await utimes(to, seconds, seconds)
}

/** A file, and no link that our hand would follow. */
async function keepIndex(own: string, path: string): Promise<void> {
  const there = await lstat(own)
  if (!there.isFile() || there.nlink !== 1) throw new Error('Git in its jail left something that is no index.')
  await rename(own, path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error
    const fresh = `${path}.${crypto.randomUUID()}`
    await copyFile(own, fresh)
    await utimes(fresh, there.atime, there.mtime)
    await rename(fresh, path)
  })
}
