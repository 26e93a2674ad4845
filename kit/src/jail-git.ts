/** The repository as a jail sees it: enough for status, diff and log; no remotes, no credentials, nothing to write to. */
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Mount } from './jail-mounts.ts'
import { cacheDir } from './paths.ts'

/** All else in a repository (hooks, config, other worktrees, FETCH_HEAD, stored credentials) is not there. */
const SHOWN = ['objects', 'refs', 'reftable', 'packed-refs', 'HEAD', 'ORIG_HEAD', 'info', 'shallow', 'index']
/** Settings without which git would misread this repository; every other one may name a remote, a helper or a program. */
const KEPT: Record<string, RegExp> = {
  core: /^(repositoryformatversion|filemode|bare|ignorecase|symlinks|autocrlf|eol|safecrlf|sparsecheckout(cone)?|precomposeunicode)$/i,
  extensions: /^(objectformat|compatobjectformat|refstorage|worktreeconfig|relativeworktrees)$/i,
}

/** Mounts that put a read-only view over the worktree's `.git`, so that nobody inside can replace it. Empty for a directory without one. */
export function gitView(worktree: string): Mount[] {
  const dotGit = join(worktree, '.git')
  const stat = lstatSync(dotGit, { throwIfNoEntry: false })
  if (!stat) return []
  if (stat.isDirectory()) return repositoryView(dotGit)
  if (!stat.isFile()) throw new Error(`${dotGit} is neither a file nor a directory: git did not make it.`)

  const gitDir = gitDirOf(dotGit, worktree)
  const common = commonDirOf(gitDir)
  const ownConfig = join(gitDir, 'config.worktree')
  return [
    { kind: 'read', at: dotGit },
    ...repositoryView(common),
    ...(gitDir === common ? [] : [{ kind: 'read', at: gitDir } as const]),
    ...(existsSync(ownConfig) ? [{ kind: 'read', at: ownConfig, from: plainConfig(ownConfig) } as const] : []),
  ]
}

/**
 * An own directory with the listed parts bound in, rather than the repository with its secrets covered: git replaces `config` by
 * renaming, which would take a cover away while the jail runs.
 */
function repositoryView(common: string): Mount[] {
  const shown = SHOWN.map((name) => join(common, name)).filter((path) => existsSync(path))
  return [
    { kind: 'empty', at: common },
    ...shown.map((at): Mount => ({ kind: 'read', at })),
    ...alternates(join(common, 'objects')).map((at): Mount => ({ kind: 'read', at })),
    { kind: 'read', at: join(common, 'config'), from: plainConfig(join(common, 'config')) },
    { kind: 'seal', at: common },
  ]
}

function gitDirOf(dotGit: string, worktree: string): string {
  const named = /^gitdir: (.+)$/m.exec(readFileSync(dotGit, 'utf8'))?.[1]
  if (!named) throw new Error(`${dotGit} does not say where its repository is.`)
  return resolve(worktree, named)
}

function commonDirOf(gitDir: string): string {
  const file = join(gitDir, 'commondir')
  return existsSync(file) ? resolve(gitDir, readFileSync(file, 'utf8').trim()) : gitDir
}

/** Object directories of the repositories this one borrows from (gitrepository-layout(5)), and theirs. */
export function alternates(objects: string, seen: Set<string> = new Set()): string[] {
  const file = join(objects, 'info', 'alternates')
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
  const found = lines.map((line) => resolve(objects, line)).filter((dir) => existsSync(dir) && !seen.has(dir))
  for (const dir of found) seen.add(dir)
  return [...found, ...found.flatMap((dir) => alternates(dir, seen))]
}

/** A file with the kept settings only. Named by its content, so there are few and none ever changes. */
function plainConfig(config: string): string {
  const text = keptSettings(existsSync(config) ? readFileSync(config, 'utf8') : '')
  const dir = join(cacheDir(), 'jail')
  const file = join(dir, `gitconfig-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`)
  if (existsSync(file)) return file
  mkdirSync(dir, { recursive: true })
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, text)
  renameSync(fresh, file)
  return file
}

/** git writes its own settings one to a line; what has another shape is none of these. */
export function keptSettings(config: string): string {
  let section = ''
  const kept: string[] = []
  for (const line of config.split('\n')) {
    const header = /^\s*\[\s*([\w.-]+)\s*(".*")?\s*\]/.exec(line)
    if (header) section = header[2] ? '' : (header[1] ?? '').toLowerCase()
    const setting = /^\s*([A-Za-z][\w-]*)\s*=\s*([\w.-]+)\s*$/.exec(line)
    if (setting?.[1] && KEPT[section]?.test(setting[1])) kept.push(`[${section}]\n\t${setting[1]} = ${setting[2]}\n`)
  }
  return kept.join('')
}
