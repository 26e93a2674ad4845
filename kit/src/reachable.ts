/** Proves that all a worktree holds and git does not ignore can be reached from refs that stay; what cannot yet is committed to one. */
import { copyFile, lstat, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { commitTree } from './changes.ts'
import { Refusal } from './errors.ts'
import { GitError, type GitPlace, git, gitText } from './git.ts'
import type { Repository } from './repository.ts'
import { snapshot } from './snapshot.ts'
import type { Worktree } from './worktree.ts'

/** `tree` is what the worktree holds; every file of it is in one of `kept`. */
export type Reachable = { tree: string; kept: { ref: string; commit: string }[] }

const NOBODY = { name: 'Sluice', email: 'sluice@localhost' }

/**
 * Proves it for the files, for what the person has put into the index, and for the commit that is checked out. Rejects with a Refusal
 * where git cannot keep something: a repository inside, a file too large to commit, a merge half done.
 */
export async function proveReachable(worktree: Worktree, storyId: string): Promise<Reachable> {
  const { repository, gitDir } = worktree
  await refuseUnfinished(gitDir)
  await using now = await snapshot(worktree, worktree.base)
  await keepTree(worktree, { storyId, as: 'final', tree: now.tree })
  const staged = await stagedTree(worktree)
  if (staged !== null) await keepTree(worktree, { storyId, as: 'index', tree: staged })
  await keepHead(worktree, storyId)
  return { tree: now.tree, kept: await keptRefs(repository, storyId) }
}

/** The story's branch and every ref of its own: nothing of Sluice removes them while something says that they hold a worktree's files. */
export async function keptRefs({ refs }: Pick<Repository, 'refs'>, storyId: string): Promise<Reachable['kept']> {
  const which = [`refs/heads/sluice/${storyId}`, `refs/sluice/${storyId}/`]
  const listed = await gitText(refs, ['for-each-ref', '--format=%(objectname) %(objecttype) %(refname)', ...which])
  return listed.split('\n').flatMap((line) => {
    const [commit = '', type, ref = ''] = line.split(' ')
    return type === 'commit' ? [{ ref, commit }] : []
  })
}

const UNFINISHED = ['rebase-merge', 'rebase-apply', 'MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'BISECT_LOG']

/** What git keeps of it lies beside the index, and would go with it. */
async function refuseUnfinished(gitDir: string): Promise<void> {
  const found = (await readdir(gitDir)).filter((name) => UNFINISHED.includes(name))
  if (found.length > 0)
    throw new Refusal(
      `A ${found[0]
        ?.replace(/[-_].*/, '')
        .toLowerCase()
        .replace('cherry', 'cherry-pick')} is under way in the worktree.`,
      'Finish it there, or abort it.',
    )
}

type Keeping = { storyId: string; as: 'final' | 'index'; tree: string }

/** On top of what is kept under that name already: an earlier one stays reachable. */
async function keepTree(worktree: Worktree, { storyId, as, tree }: Keeping): Promise<void> {
  const { repository } = worktree
  const kept = (await keptRefs(repository, storyId)).map(({ commit }) => commit)
  if ((await firstUnkept(repository.view, { tree, kept })) === null) return
  const ref = `refs/sluice/${storyId}/${as}`
  const before = (await keptRefs(repository, storyId)).find((one) => one.ref === ref)?.commit
  const parents = [before ?? (await headOf(worktree))]
  const message =
    as === 'final' ? 'What the worktree held when it was given back' : 'What the worktree had in its index'
  const author = (await repository.identity()) ?? NOBODY
  const commit = await commitTree(repository.view, { tree, parents, message, author, trailers: { Story: storyId } })
  await git(repository.refs, ['update-ref', '-m', 'sluice', ref, commit, before ?? '0'.repeat(commit.length)])
}

const headOf = async ({ repository, gitDir }: Worktree): Promise<string> => {
  const head = (await readFile(join(gitDir, 'HEAD'), 'utf8')).trim()
  return gitText(repository.refs, ['rev-parse', '--verify', `${head.replace(/^ref: /, '')}^{commit}`])
}

/** The person may have checked out something else there, and have committed to it. */
async function keepHead(worktree: Worktree, storyId: string): Promise<void> {
  const { repository } = worktree
  const head = await headOf(worktree)
  const kept = (await keptRefs(repository, storyId)).map(({ commit }) => commit)
  const beyond = await gitText(repository.view, ['rev-list', '-n1', head, '--not', ...kept])
  if (beyond !== '') await git(repository.refs, ['update-ref', '-m', 'sluice', `refs/sluice/${storyId}/head`, head])
}

/** What the person has added there and not committed; null without an index. */
async function stagedTree({ repository: { view }, gitDir }: Worktree): Promise<string | null> {
  const index = join(gitDir, 'index')
  if ((await lstat(index).catch(() => null)) === null) return null
  const copy = join(gitDir, `sluice-index-${crypto.randomUUID()}`)
  await copyFile(index, copy)
  try {
    return await gitText({ ...view, env: { ...view.env, GIT_INDEX_FILE: copy } }, ['write-tree'])
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    throw new Refusal('The index of the worktree holds a conflict.', 'Resolve it there, or reset the index.', {
      cause: error,
    })
  } finally {
    await rm(copy, { force: true })
  }
}

/** The path of a file that none of the commits in `kept` holds, of whatever age; null where every one is held. */
export async function firstUnkept(
  view: GitPlace,
  { tree, kept }: { tree: string; kept: string[] },
): Promise<string | null> {
  // Git leaves out only what the kept commits' own trees hold; for what older ones may hold it is asked file by file.
  const listed = await gitText(view, ['rev-list', '--objects', '--objects-edge-aggressive', tree, '--not', ...kept])
  for (const [, object = '', path = ''] of listed.matchAll(/^([0-9a-f]{40,64}) (.+)$/gm)) {
    if ((await gitText(view, ['cat-file', '-t', object])) !== 'blob') continue
    const held =
      kept.length > 0 ? await gitText(view, ['log', '-n1', '--format=%H', `--find-object=${object}`, ...kept]) : ''
    if (held === '') return path
  }
  return null
}
