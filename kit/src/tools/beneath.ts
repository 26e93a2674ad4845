/** Files beneath one directory, for host code on a tree that an agent writes: no link and no `..` leads out of it. */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readlink, realpath, rename, unlink } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = constants
/** As many as Linux follows (path_resolution(7)). */
const MAX_LINKS = 40

/** The path is refused, in words for whoever asked. */
export class Outside extends Error {
  override name = 'Outside'
}

export type Beneath = {
  root: string
  /** Rejects when the file is larger than `limit` bytes, no plain file, or not there. */
  read(path: string, limit?: number): Promise<Buffer>
  /** Makes what directories are missing; the file appears whole or not at all, with the mode it had. */
  write(path: string, content: string | Buffer): Promise<void>
}

const LARGEST_READ_BYTES = 20 * 1024 * 1024

export async function openBeneath(directory: string): Promise<Beneath> {
  const root = await realpath(directory)
  return {
    root,
    async read(path, limit = LARGEST_READ_BYTES) {
      await using place = await locate(root, path, { make: false })
      return await readFile(place, path, limit)
    },
    async write(path, content) {
      await using place = await locate(root, path, { make: true })
      await writeFile(place, path, content)
    },
  }
}

/** A name in a directory that is held open: what others do to the path meanwhile moves nothing. */
type Place = AsyncDisposable & { dir: Dir; name: string }
type Dir = { handle: FileHandle; path: string }

async function readFile({ dir, name }: Place, path: string, limit: number): Promise<Buffer> {
  // Without O_NONBLOCK a named pipe would hold the host until somebody writes into it.
  await using file = await open(at(dir, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  const { size } = await plainFile(file, path)
  if (size > limit) throw new Error(`${path} is too large to be read here: ${size} bytes.`)
  return await file.readFile()
}

async function plainFile(file: FileHandle, path: string) {
  const stats = await file.stat()
  if (!stats.isFile()) throw new Error(`${path} is ${stats.isDirectory() ? 'a directory' : 'no plain file'}.`)
  return stats
}

/** Beside and renamed, never in place: a hard link elsewhere (a package cache) keeps what it holds. */
async function writeFile({ dir, name }: Place, path: string, content: string | Buffer): Promise<void> {
  const before = await lstat(at(dir, name)).catch(() => null)
  if (before && !before.isFile())
    throw new Error(`${path} is ${before.isDirectory() ? 'a directory' : 'no plain file'}.`)
  const beside = at(dir, `.${name.slice(0, 100)}.${randomUUID()}`)
  try {
    await using file = await open(
      beside,
      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
      before ? before.mode & 0o777 : 0o666,
    )
    await file.writeFile(content)
    if (before) await file.chmod(before.mode & 0o777)
  } catch (error) {
    await unlink(beside).catch(() => undefined)
    throw error
  }
  await rename(beside, at(dir, name))
}

/** Linux has no other way to Node's `openat`: the path of an open directory's descriptor cannot be swapped. Elsewhere the walk still refuses links, but not in a race. */
const at = (dir: Dir, name: string): string =>
  process.platform === 'linux' ? `/proc/self/fd/${dir.handle.fd}/${name}` : join(dir.path, name)

/** Walks from the root, component by component, links inside the tree included. */
async function locate(root: string, path: string, { make }: { make: boolean }): Promise<Place> {
  const rest = componentsOf(root, root, path)
  const dirs: Dir[] = [{ handle: await open(root, O_RDONLY | O_DIRECTORY), path: root }]
  const close = async () => void (await Promise.all(dirs.map(({ handle }) => handle.close())))
  try {
    for (let links = 0; ; ) {
      const [name, ...further] = rest
      if (name === undefined) throw new Error(`${path} names no file.`)
      if (name === '..') {
        await leave(dirs, path)
        rest.shift()
        continue
      }
      const dir = here(dirs)
      const target = await linkAt(dir, name)
      if (target !== null) {
        if (++links > MAX_LINKS) throw new Error(`${path} goes through too many links.`)
        await follow({ root, dirs, rest }, target, path)
        continue
      }
      if (further.length === 0) return { dir, name, [Symbol.asyncDispose]: close }
      dirs.push(await enter(dir, name, make))
      rest.shift()
    }
  } catch (error) {
    await close()
    throw error
  }
}

const here = (dirs: Dir[]): Dir => dirs[dirs.length - 1] as Dir

async function leave(dirs: Dir[], path: string): Promise<void> {
  if (dirs.length < 2) throw new Outside(`${path} leads out of the worktree.`)
  await dirs.pop()?.handle.close()
}

/** The link's own path takes the place of its name; an absolute one starts at the root again. */
async function follow(
  walk: { root: string; dirs: Dir[]; rest: string[] },
  target: string,
  path: string,
): Promise<void> {
  const parts = componentsOf(walk.root, here(walk.dirs).path, target, path)
  if (isAbsolute(target)) while (walk.dirs.length > 1) await leave(walk.dirs, path)
  walk.rest.splice(0, 1, ...parts)
}

async function enter(dir: Dir, name: string, make: boolean): Promise<Dir> {
  // Somebody else may have made it since: opening it says whether it is a directory.
  if (make) await mkdir(at(dir, name)).catch(() => undefined)
  const handle = await open(at(dir, name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  return { handle, path: join(dir.path, name) }
}

const linkAt = (dir: Dir, name: string): Promise<string | null> => readlink(at(dir, name)).catch(() => null)

/** Relative ones as they are, absolute ones from the root; `.git` is nobody's business here. */
function componentsOf(root: string, from: string, path: string, asked = path): string[] {
  if (path.includes('\0')) throw new Outside('A path holds no NUL.')
  const inside = isAbsolute(path) ? relative(root, path) : path
  if (isAbsolute(path) && (inside === '..' || inside.startsWith(`..${sep}`)))
    throw new Outside(`${asked} leads out of the worktree.`)
  const parts = inside.split('/').filter((part) => part !== '' && part !== '.')
  // Git finds its directory on a case-insensitive disk whatever the case.
  if (parts.some((part) => part.toLowerCase() === '.git')) throw new Outside(`${asked}: .git is not for tools.`)
  if (parts.length === 0 && from === root) throw new Error(`${asked} names no file.`)
  return parts
}
