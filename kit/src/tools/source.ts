/** Where reading tools read: a worktree as it is now, or a commit as it was. */
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { openBeneath } from './beneath.ts'
import type { Match } from './search.ts'

/** Paths are relative to the root, with `/` between. */
export type Source = {
  /** Every file a person would call part of the project. */
  list(): Promise<string[]>
  /** Rejects with a sentence when there is no such file. */
  read(path: string): Promise<Buffer>
  /** A faster way to lines that match, where there is one (`git grep -P` of a commit); else each file is read. */
  grep?(pattern: string, options: { glob?: string; ignoreCase: boolean }): Promise<Match[]>
}

/** Directories that hold what others made: listed by nobody who does not ask git. */
const notOurs = new Set(['.git', 'node_modules', '.venv', 'target', 'dist'])
const MOST_FILES = 50_000

/** A worktree. Give `list` where git can be asked what it ignores; without it the tree is walked. */
export async function worktreeSource(root: string, list?: () => Promise<string[]>): Promise<Source> {
  const beneath = await openBeneath(root)
  return {
    list: list ?? (() => walk(beneath.root)),
    read: (path) => beneath.read(path).catch((e) => sayWhich(e, path)),
  }
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
