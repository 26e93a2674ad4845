/** The person's own repository: what stands in it, and the one sentence when it cannot be worked on. */
import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { SimpleGit } from 'simple-git'
import { type Checkout, checkoutsOf, clearHalfMade } from './checkouts.ts'
import { Refusal, TerminalError } from './errors.ts'
import { type GitPlace, git, gitRecords } from './git.ts'
import { openView } from './git-view.ts'
import { type Env, personsEnv, personsGit, rootOf } from './persons-git.ts'

export type Identity = { name: string; email: string }
export type LogEntry = { commit: string; subject: string; body: string; author: Identity; at: string }

export type Repository = {
  /** The person's working tree. */
  root: string
  gitDir: string
  /** Where refs and objects live; the same for every worktree of the repository. */
  commonDir: string
  /** Git on the refs, with the repository's own config, none of it able to run anything. */
  refs: GitPlace
  /** Git on objects and on trees agents write: see `git-view.ts`. */
  view: GitPlace
  /** Git as the person would run it, filters of their own included, hooks off: only for their own working tree. */
  person(workTree: string, gitDir: string): GitPlace
  /** The branch the person has checked out; a Refusal when there is none. */
  defaultBase(): Promise<string>
  /** The commit a branch points at. */
  head(branch: string): Promise<string>
  /** Whether the person's working tree holds nothing uncommitted, untracked files included. */
  isClean(): Promise<boolean>
  identity(): Promise<Identity | null>
  /** As `identity`, or a Refusal that says how to give git one. */
  requireIdentity(): Promise<Identity>
  /** Every working tree of the repository. */
  checkouts(): Promise<Checkout[]>
  /** The working trees in which a branch is checked out, or is being rebased. */
  checkedOutAt(branch: string): Promise<string[]>
  /** The last `count` commits of what is checked out, newest first. */
  log(count: number): Promise<LogEntry[]>
  /** A file's bytes at a commit; null where there is none. */
  show(commit: string, path: string): Promise<Buffer | null>
  /** A file's text at a commit; null where there is none. */
  readAt(commit: string, path: string): Promise<string | null>
  /** Every path of a commit, sorted as git sorts. */
  listFiles(commit: string): Promise<string[]>
}

/** Opens the repository around `path`. Refuses: not a repository, bare, without commits, git missing or older than 2.38. */
export async function openRepository(path: string, env: Env = process.env): Promise<Repository> {
  const root = await rootOf(path, env)
  const own = personsGit(root, env)
  const [gitDir = '', common = ''] = (await own.raw('rev-parse', '--absolute-git-dir', '--git-common-dir')).split('\n')
  const commonDir = await realpath(resolve(root, common))
  const refs: GitPlace = { gitDir: commonDir }
  await clearHalfMade(commonDir)
  if ((await git(refs, ['for-each-ref', '--count=1'])).stdout.length === 0) {
    throw new Refusal(`${root} has no commits yet.`, 'Make a first one: git add -A && git commit -m "Begin".')
  }
  const view = await openView(commonDir)
  const checkouts = () => checkoutsOf(commonDir, gitDir === commonDir ? root : undefined)

  return {
    root,
    gitDir,
    commonDir,
    refs,
    view,
    person: (workTree, itsGitDir) => ({ gitDir: itsGitDir, workTree, env: personsEnv(env), person: true }),
    defaultBase: () => checkedOutBranch(own, root),
    head: (branch) => headOf(refs, branch),
    isClean: async () => (await own.status()).isClean(),
    identity: () => identityOf(own, env),
    requireIdentity: async () => (await identityOf(own, env)) ?? refuseNobody(),
    checkouts,
    checkedOutAt: async (branch) => (await checkouts()).filter((at) => at.branch === branch).map((at) => at.path),
    log: (count) => logOf(own, count),
    show: (commit, file) => bytesAt(view, commit, file),
    readAt: async (commit, file) => (await bytesAt(view, commit, file))?.toString() ?? null,
    listFiles: (commit) => gitRecords(view, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit]),
  }
}

async function checkedOutBranch(own: SimpleGit, root: string): Promise<string> {
  const branch = (await own.raw('branch', '--show-current')).trim()
  if (branch === '') {
    throw new Refusal(`${root} has no branch checked out.`, 'Check one out, for example: git switch main.')
  }
  return branch
}

async function headOf(refs: GitPlace, branch: string): Promise<string> {
  const { code, stdout } = await git(refs, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`], {
    ok: [1, 128],
  })
  if (code !== 0) throw new Refusal(`There is no branch ${branch}.`, 'Name one that `git branch` lists.')
  return stdout.toString().trim()
}

async function identityOf(own: SimpleGit, env: Env): Promise<Identity | null> {
  const setting = async (key: string) => (await own.getConfig(key)).value
  const name = env.GIT_AUTHOR_NAME || (await setting('author.name')) || (await setting('user.name'))
  const email = env.GIT_AUTHOR_EMAIL || (await setting('author.email')) || (await setting('user.email')) || env.EMAIL
  return name && email ? { name, email } : null
}

function refuseNobody(): never {
  throw new Refusal(
    'git does not know who you are.',
    'Tell it: git config --global user.name "Your Name" && git config --global user.email you@example.org',
  )
}

async function logOf(own: SimpleGit, count: number): Promise<LogEntry[]> {
  const { all } = await own.log({ maxCount: count })
  return all.map(({ hash, message, body, author_name, author_email, date }) => ({
    commit: hash,
    subject: message,
    body,
    author: { name: author_name, email: author_email },
    at: date,
  }))
}

async function bytesAt(view: GitPlace, commit: string, path: string): Promise<Buffer | null> {
  const [entry] = await gitRecords(view, ['ls-tree', '-z', '--full-tree', commit, '--', path])
  const [, type, object] = entry?.split(/[ \t]/) ?? []
  return type === 'blob' && object ? (await git(view, ['cat-file', 'blob', object])).stdout : null
}

/** The full name of a commit somebody abbreviated, tagged or branched. */
export async function commitOf(repository: Pick<Repository, 'refs'>, name: string): Promise<string> {
  const { code, stdout } = await git(
    repository.refs,
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
    {
      ok: [1, 128],
    },
  )
  if (code !== 0) throw new TerminalError(`${name} names no commit of this repository`)
  return stdout.toString().trim()
}
