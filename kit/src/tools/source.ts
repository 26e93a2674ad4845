/** Where reading tools read: a worktree as it is now, or a commit as it was. */
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { type GitPlace, git, gitRecords } from '../git.ts'
import type { Repository } from '../repository.ts'
import { openBeneath } from './beneath.ts'
import type { Query } from './grep.ts'

/** Paths are relative to the root, with `/` between. */
export type Source = {
  /** Every file a person would call part of the project. */
  list(): Promise<string[]>
  /** Rejects with a sentence when there is no such file. */
  read(path: string): Promise<Buffer>
  /** Many files at once, where that is faster than one by one; what cannot be read is left out. */
  readMany?(paths: readonly string[]): Promise<{ path: string; content: Buffer }[]>
  /** Lines that match, as the tool `grep` shows them, where something searches faster than file by file. */
  search?(query: Query, signal: AbortSignal): Promise<string[]>
}

/** Directories that hold what others made: listed by nobody who does not ask git. */
const notOurs = new Set(['.git', 'node_modules', '.venv', 'target', 'dist'])
const MOST_FILES = 50_000

/** A worktree. Give `list` where git can be asked what it ignores; without it the tree is walked. */
export async function worktreeSource(
  root: string,
  { list, search }: { list?: () => Promise<string[]>; search?: Source['search'] | null } = {},
): Promise<Source> {
  const beneath = await openBeneath(root)
  return {
    list: list ?? (() => walk(beneath.root)),
    read: (path) => beneath.read(path).catch((e) => sayWhich(e, path)),
    ...(search && { search }),
  }
}

/** The upper where it has the file: a desk of one's own over the project it is about. */
export function layered(upper: Source, lower: Source): Source {
  const isUpper = async (path: string) => (await upper.list()).includes(path)
  return {
    list: async () => [...new Set([...(await upper.list()), ...(await lower.list())])].sort(),
    read: async (path) => ((await isUpper(path)) ? upper : lower).read(path),
    async readMany(paths) {
      const own = new Set(await upper.list())
      const above = await readSome(
        upper,
        paths.filter((path) => own.has(path)),
      )
      const below = await readSome(
        lower,
        paths.filter((path) => !own.has(path)),
      )
      return [...above, ...below]
    },
  }
}

/** What cannot be read is left out: a link that leads out, a file gone since. */
export async function readSome(source: Source, paths: string[]): Promise<{ path: string; content: Buffer }[]> {
  if (source.readMany) return source.readMany(paths)
  const files: { path: string; content: Buffer }[] = []
  for (const path of paths) {
    const content = await source.read(path).catch(() => null)
    if (content) files.push({ path, content })
  }
  return files
}

/** Files of a commit, straight from git: nothing is checked out, no link is followed. */
export function commitSource({ view }: Pick<Repository, 'view'>, commit: string): Source {
  let tree: Promise<Map<string, Blob>> | null = null
  const files = () => {
    tree ??= filesOf(view, commit)
    return tree
  }
  return {
    list: async () => [...(await files()).keys()],
    async read(path) {
      const blob = (await files()).get(path)
      if (!blob) throw new Error(`There is no file ${path}.`)
      return (await git(view, ['cat-file', 'blob', blob.id])).stdout
    },
    async readMany(paths) {
      const all = await files()
      const wanted = paths.flatMap((path) => {
        const blob = all.get(path)
        return blob && blob.bytes <= LARGEST_SEARCHED_BYTES ? [{ path, id: blob.id }] : []
      })
      const input = wanted.map(({ id }) => `${id}\n`).join('')
      const { stdout } = await git(view, ['cat-file', '--batch'], { input })
      const contents = batchOf(stdout)
      return wanted.flatMap(({ path }, i) => (contents[i] ? [{ path, content: contents[i] }] : []))
    },
  }
}

type Blob = { id: string; bytes: number }

const LARGEST_SEARCHED_BYTES = 1_000_000

async function filesOf(view: GitPlace, commit: string): Promise<Map<string, Blob>> {
  const records = await gitRecords(view, ['ls-tree', '-r', '-l', '-z', commit])
  return new Map(
    records.flatMap((record): [string, Blob][] => {
      // `<mode> blob <id> <size>\t<path>`; submodules are commits, not blobs.
      const [, id = '', bytes, path = ''] = /^\d+ blob ([0-9a-f]+) +(\d+)\t(.+)$/s.exec(record) ?? []
      return bytes === undefined ? [] : [[path, { id, bytes: Number(bytes) }]]
    }),
  )
}

/** `<id> blob <size>\n<content>\n`, again and again (git-cat-file, batch output). */
function batchOf(output: Buffer): Buffer[] {
  const contents: Buffer[] = []
  for (let at = 0; at < output.length; ) {
    const line = output.indexOf(10, at)
    const bytes = Number(output.subarray(at, line).toString().split(' ')[2])
    contents.push(output.subarray(line + 1, line + 1 + bytes))
    at = line + 1 + bytes + 1
  }
  return contents
}

/** Node names the descriptor it was opened by; a reader wants the path. */
export function sayWhich(error: unknown, path: string): never {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') throw new Error(`There is no file ${path}.`)
  if (code === 'ENOTDIR') throw new Error(`There is no file ${path}: a part of it is no directory.`)
  if (code === 'EISDIR') throw new Error(`${path} is a directory.`)
  if (code === 'EACCES' || code === 'EPERM') throw new Error(`${path} may not be opened.`)
  throw error
}

/** Names only, links left alone: what is read later goes through `openBeneath`. */
async function walk(root: string): Promise<string[]> {
  const found: string[] = []
  const left = ['']
  for (let dir = left.pop(); dir !== undefined && found.length < MOST_FILES; dir = left.pop()) {
    const entries = await opendir(join(root, dir)).catch(() => null)
    if (!entries) continue
    for await (const entry of entries) {
      const path = dir === '' ? entry.name : `${dir}/${entry.name}`
      if (entry.isDirectory() && !notOurs.has(entry.name)) left.push(path)
      if (entry.isFile() || entry.isSymbolicLink()) found.push(path)
    }
  }
  return found.sort()
}
