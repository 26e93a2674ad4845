/** Moves the base branch to the commit that was checked, without ever leaving a person's checkout behind or walking over their work. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { BranchMoved, moveBranch } from './changes.ts'
import type { Checkout } from './checkouts.ts'
import { Refusal } from './errors.ts'
import { GitError, type GitPlace, git, gitRecords, gitText } from './git.ts'
import type { Repository } from './repository.ts'

const MOMENT_MS = 100

export type Landing = { repository: Repository; branch: string; from: string; to: string }
export type Landed =
  | { landed: true; at: string }
  /** The branch is not where the change was put: rebase again. */
  | { moved: string }
  /** The person has the branch checked out at this path with work of their own in it: wait, and say so. */
  | { dirty: string; files: string[]; why: string }

/**
 * Moves `branch` from `from` to `to`. Where it is checked out, its files go with it (`merge --ff-only`, with the person's own filters),
 * and only if clean: nothing uncommitted, no untracked or ignored file that would be overwritten. Asked again, it has landed.
 */
export async function land(landing: Landing): Promise<Landed> {
  const { repository, branch, from, to } = landing
  const tip = await repository.head(branch)
  if (tip === to || (await contains(repository, to, tip))) return { landed: true, at: to }
  if (tip !== from) return { moved: tip }

  // Looked at here and now: a list made earlier could be of a branch checked out since, and its index would revert the story.
  const [checkout, ...others] = (await repository.checkouts()).filter((at) => at.branch === branch)
  if (others.length > 0) {
    const paths = [checkout, ...others].map((at) => at?.path).join(' and ')
    throw new Refusal(`${branch} is checked out more than once: ${paths}.`, 'Check out another branch in all but one.')
  }
  return checkout ? landInCheckout(landing, checkout) : landRef(landing)
}

async function contains({ refs }: Repository, commit: string, tip: string): Promise<boolean> {
  return (await git(refs, ['merge-base', '--is-ancestor', commit, tip], { ok: [1] })).code === 0
}

async function landRef({ repository, branch, from, to }: Landing): Promise<Landed> {
  try {
    await moveBranch(repository, { branch, from, to })
    return { landed: true, at: to }
  } catch (error) {
    if (error instanceof BranchMoved) return { moved: await repository.head(branch) }
    throw error
  }
}

async function landInCheckout(landing: Landing, { path, gitDir }: Checkout): Promise<Landed> {
  const { repository, branch, from, to } = landing
  const person = repository.person(path, gitDir)
  const files = await uncommitted(person)
  if (files.length > 0) {
    // Its index is written a moment before its branch: seen in between, the story itself is the uncommitted change.
    await after(MOMENT_MS)
    if ((await repository.head(branch)) !== from) return land(landing)
    return { dirty: path, files, why: 'It holds changes that are not committed.' }
  }
  // Between here and the merge the person may switch; merging into what they have now would be wrong.
  const now = await git(person, ['symbolic-ref', '--quiet', 'HEAD'], { ok: [1] })
  if (now.stdout.toString().trim() !== `refs/heads/${branch}`)
    return { dirty: path, files: [], why: `${branch} is being rebased or has just been left.` }

  try {
    // Neither Ctrl-C nor the end of our process stops it between two files.
    await git(person, ['merge', '--ff-only', '--quiet', '--no-stat', '--no-autostash', '--no-overwrite-ignore', to], {
      detached: true,
    })
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    const tip = await gitText(repository.refs, ['rev-parse', `refs/heads/${branch}`])
    if (tip === to) return { landed: true, at: to }
    if (tip !== from) return { moved: tip }
    // Another git is at work there: it will be gone when we come again.
    if (/\.lock': File exists/.test(error.stderr)) throw error
    return { dirty: path, files: overwritten(error.stderr), why: firstSentence(error.stderr) }
  }
  return { landed: true, at: to }
}

/** A merge that outlived its asker looks like the person's work while it runs: what is seen beside another git's lock is not believed. */
async function uncommitted(person: GitPlace): Promise<string[]> {
  const lock = join(person.gitDir, 'index.lock')
  const before = existsSync(lock)
  const files = await changedFiles(person)
  if (files.length > 0 && (before || existsSync(lock))) throw new Error(`another git is at work: ${lock} exists`)
  return files
}

async function changedFiles(person: GitPlace): Promise<string[]> {
  const options = ['--porcelain=v1', '-z', '--no-renames', '--untracked-files=no', '--ignore-submodules=all']
  return (await gitRecords(person, ['--no-optional-locks', 'status', ...options])).map((line) => line.slice(3))
}

/** Git lists the files in its way one to a line, behind a tab. */
const overwritten = (stderr: string): string[] =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('\t'))
    .map((line) => line.trim())

const firstSentence = (stderr: string): string =>
  (stderr.split('\n')[0] ?? '').replace(/^(error|fatal): /, '').replace(/:$/, '.')
