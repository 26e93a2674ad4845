/** Commits by the host on trees agents write: the agent itself never commits. */
import { TerminalError } from './errors.ts'
import { GitError, type GitPlace, git, gitText } from './git.ts'
import { commitOf, type Identity, type Repository } from './repository.ts'
import { snapshot } from './snapshot.ts'
import type { Worktree } from './worktree.ts'

export type Trailers = Record<string, string>
export type Committed = { commit: string; tree: string; changed: string[] }

type NewCommit = {
  message: string
  author: Identity
  trailers?: Trailers
  /** Where the branch stands as far as the caller knows; if it stands elsewhere, nothing is moved. */
  expectedTip: string
}

/**
 * Commits all that the worktree holds and git does not ignore. The branch moves by compare-and-swap; asked again when all is committed,
 * there is nothing to do. Refuses nested repositories and new files over 10 MB.
 */
export async function commitAll(
  worktree: Worktree,
  { expectedTip, ...what }: NewCommit,
): Promise<Committed | { nothing: true }> {
  const { view } = worktree.repository
  await using now = await snapshot(worktree, expectedTip)
  if (now.changed.length === 0) {
    await now.keepIndex()
    return { nothing: true }
  }
  const commit = await commitTree(view, { ...what, tree: now.tree, parents: [expectedTip] })
  await moveBranch(worktree.repository, { branch: worktree.branch, from: expectedTip, to: commit })
  await now.keepIndex()
  return { commit, tree: now.tree, changed: now.changed }
}

type CommitObject = {
  tree: string
  parents: string[]
  message: string
  trailers?: Trailers
  author: Identity
  authored?: string
  committer?: Identity
  committed?: string
}

/** Writes a commit object. With `authored` and `committed` (git's raw date: `@<seconds> <zone>`) the same input gives the same id. */
export async function commitTree(view: GitPlace, what: CommitObject): Promise<string> {
  const { author, committer = author } = what
  const env = {
    ...view.env,
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    ...(what.authored && { GIT_AUTHOR_DATE: what.authored }),
    ...(what.committed && { GIT_COMMITTER_DATE: what.committed }),
  }
  const parents = what.parents.flatMap((parent) => ['-p', parent])
  return gitText({ ...view, env }, ['commit-tree', what.tree, ...parents, '-F', '-'], { input: withTrailers(what) })
}

function withTrailers({ message, trailers = {} }: Pick<CommitObject, 'message' | 'trailers'>): string {
  // A line break in a value would begin a trailer nobody gave.
  const lines = Object.entries(trailers).map(([key, value]) => `${key}: ${value.replace(/\s+/g, ' ').trim()}\n`)
  return `${message.trim()}\n${lines.length > 0 ? `\n${lines.join('')}` : ''}`
}

/** Somebody else has moved the branch: what was worked out from its old tip must not be written. */
export class BranchMoved extends TerminalError {
  override name = 'BranchMoved'
}

/** Moves a branch from one commit to another, or throws `BranchMoved`. */
export async function moveBranch(
  repository: Pick<Repository, 'refs'>,
  move: { branch: string; from: string; to: string },
): Promise<void> {
  const { branch, from, to } = move
  try {
    await git(repository.refs, ['update-ref', '-m', 'sluice', `refs/heads/${branch}`, to, from])
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    const tip = await commitOf(repository, `refs/heads/${branch}`).catch(() => 'gone')
    if (tip === from) throw error
    if (tip !== to)
      throw new BranchMoved(`${branch} is at ${tip}, not at ${from}: somebody else has moved it.`, { cause: error })
  }
}

/** A new branch at this commit; one that is there already stays where it is. */
export async function startBranch(
  { refs }: Pick<Repository, 'refs'>,
  { branch, at }: { branch: string; at: string },
): Promise<void> {
  const ref = `refs/heads/${branch}`
  const { code } = await git(refs, ['update-ref', '-m', 'sluice', ref, at, '0'.repeat(at.length)], { ok: [128] })
  if (code !== 0) await commitOf({ refs }, ref)
}
