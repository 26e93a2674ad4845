/** Puts the story's work on the base it has to be built on, once, whatever dies half way. */

import { join } from 'node:path'
import { commitAll, commitTree, moveBranch } from '@sluice/kit/changes.ts'
import { mergeBase } from '@sluice/kit/diff.ts'
import { TerminalError } from '@sluice/kit/errors.ts'
import { rebase } from '@sluice/kit/rebase.ts'
import type { Identity } from '@sluice/kit/repository.ts'
import type { Run } from '@sluice/kit/run.ts'
import { checkOut, type Worktree } from '@sluice/kit/worktree.ts'
import type { Asked } from './implementer.ts'

type Rebuild = { type: 'rebuild'; text: string; from: string; to: string }

/**
 * The commit this round's work is measured from. With `onto` the branch is first rebuilt there, conflicts marked in the files. The
 * journal says what was going to be done before it is done: an attempt that died between the branch and the files is made good
 * before anybody works in them.
 */
export async function putOnBase(
  worktree: Worktree,
  job: { data: Asked; storyId: string; author: Identity; run: Run },
): Promise<string> {
  const { repository, branch } = worktree
  const { data, run } = job
  const tip = await repository.head(branch)
  const { onto } = data
  if (!onto) return forkOf(worktree, tip, await repository.head(data.repository.base))

  const planned = planOf(run)
  if (planned && isDone(run)) return onto.commit
  const plan = planned ?? (await planRebuild(worktree, tip, job))
  if (!planned) await run.append('note', plan)
  if ((await repository.head(branch)) !== plan.to)
    await moveBranch(repository, { branch, from: plan.from, to: plan.to })
  await checkOut(repository.view, { dir: worktree.dir, index: join(worktree.gitDir, 'index'), commit: plan.to })
  await run.append('note', { type: 'rebuilt', text: `Rebuilt on ${onto.commit.slice(0, 12)}.` })
  return onto.commit
}

async function forkOf({ repository, base }: Worktree, tip: string, head: string): Promise<string> {
  return (await mergeBase(repository, tip, head)) ?? base
}

const notes = (run: Run) =>
  [...run.earlier, ...run.entries()].flatMap((e) => (e.kind === 'note' ? [e.data as { type?: string }] : []))
const planOf = (run: Run): Rebuild | undefined => notes(run).find((n): n is Rebuild => n.type === 'rebuild')
const isDone = (run: Run): boolean => notes(run).some((n) => n.type === 'rebuilt')

async function planRebuild(
  worktree: Worktree,
  before: string,
  { data, storyId, author }: { data: Asked; storyId: string; author: Identity },
): Promise<Rebuild> {
  const { repository } = worktree
  const onto = data.onto?.commit ?? ''
  // What an earlier round left uncommitted belongs to the story: nothing is thrown away.
  await commitAll(worktree, { message: 'Work in progress', author, expectedTip: before, trailers: { Story: storyId } })
  const from = await repository.head(worktree.branch)
  const base = await forkOf(worktree, from, onto)
  if (base === onto) return { type: 'rebuild', text: 'The branch stands on the new base already.', from, to: from }

  const put = await rebase({ repository, base, tip: from, onto, trailers: { Story: storyId } })
  if ('nothing' in put) throw new TerminalError('The base branch holds all of this story already.')
  const to =
    'commit' in put
      ? put.commit
      : await commitTree(repository.view, {
          tree: put.conflict.tree,
          parents: [onto],
          message: `${data.title} (conflicts marked)`,
          author,
          trailers: { Story: storyId },
        })
  return { type: 'rebuild', text: `Putting the story on ${onto.slice(0, 12)}.`, from, to }
}
