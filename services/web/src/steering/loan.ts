/** A story's worktree in a person's hands: as it was when they got it, what they changed in it, and nothing of theirs touched. */

import type { Bus } from '@sluice/kit/bus.ts'
import { commitTree } from '@sluice/kit/changes.ts'
import { diffOf, treeOf } from '@sluice/kit/diff.ts'
import { endProcesses } from '@sluice/kit/end-processes.ts'
import { Refusal } from '@sluice/kit/errors.ts'
import { keepRef } from '@sluice/kit/keep-ref.ts'
import { idOf, record } from '@sluice/kit/record.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import { readRuns } from '@sluice/kit/runs.ts'
import { snapshot } from '@sluice/kit/snapshot.ts'
import { makeWorktree, type Worktree } from '@sluice/kit/worktree.ts'
import { worktreePlace } from '@sluice/kit/worktree-place.ts'
import type { EventId } from '@sluice/proto/event.ts'
import { WorktreeLent, WorktreeReturned } from '@sluice/proto/events.ts'
import { HandBack } from '@sluice/proto/rest.ts'
import type { Story } from '@sluice/proto/story.ts'
import { understood } from '../body.ts'
import { refuse } from '../refused.ts'
import type { Stories } from '../stories.ts'
import type { Turns } from '../turns.ts'

export type LoanMeans = {
  bus: Bus
  dataDir: string
  env: Record<string, string | undefined>
  now: () => Date
  turns: Turns
  stories: Pick<Stories, 'get' | 'record'>
}

/** Nobody works in it any more: what it holds now is kept, so that git can say what the person changes. */
export async function lend(means: Omit<LoanMeans, 'turns'>, story: Story): Promise<void> {
  // One that was taken from its role in the middle may have left something running there.
  // Packed only once it has ended.
  const runs = await readRuns({ bus: means.bus, artifacts: null }, story.id)
  for (const { source, entries } of runs)
    if (source === 'implementer') await endProcesses({ earlier: [], entries: () => entries })

  const worktree = await worktreeOf(means, story)
  // What cannot be kept (a nested repository, a file too large) is for the person to mend while they have it: they are not kept waiting.
  const kept = keep(worktree, story, 'lent').catch((error: unknown) => tipUnlessBroken(error, worktree))
  const { commit, tree } = await kept
  const data = { path: worktree.dir, branch: worktree.branch, commit, tree }
  const { id: storyId, projectId, hold } = story
  const cause = hold?.event ?? null
  await means.stories.record(
    record({ type: WorktreeLent, source: 'web', projectId, storyId, cause, data, now: means.now() }),
  )
}

async function tipUnlessBroken(error: unknown, { repository, branch }: Worktree) {
  if (!(error instanceof Refusal)) throw error
  const commit = await repository.head(branch)
  return { commit, tree: await treeOf(repository, commit) }
}

export type HandingBack = { storyId: string; body: unknown; key: string; signal: AbortSignal }

/** Kept before it is said: cut off in between, the person says it again and loses nothing. */
export function handBack(means: LoanMeans, { storyId, body, key, signal }: HandingBack): Promise<EventId> {
  const { words, done } = understood(HandBack, body)
  return means.turns(storyId, async () => {
    signal.throwIfAborted()
    const known = means.stories.get(storyId) ?? refuse(404, 'There is no such story.', 'Name one of the board.')
    const { story } = known
    const again = idOf(null, 'web', WorktreeReturned.type, key, storyId)
    // The same key again: whoever sends it did not hear the answer.
    if (known.said.has(again)) return again
    if (!story?.hold?.lent)
      return refuse(409, 'You do not have the worktree of this story.', 'Take it first: `sluice story take`.')

    const { lent } = story.hold
    const worktree = await worktreeOf(means, story)
    const { commit, tree } = await keep(worktree, story, 'returned', lent.commit)
    const { files } = await diffOf(worktree.repository, lent.commit, commit)
    const changed = files.map(({ path, additions, deletions }) => ({ path, additions, deletions }))
    const by = 'person' as const
    const data = {
      commit,
      tree,
      files: changed,
      by,
      ...(words?.trim() && { words: words.trim() }),
      ...(done && { done }),
    }
    const { projectId } = story
    const saying = { type: WorktreeReturned, source: 'web', projectId, storyId, cause: null, n: key }
    await means.stories.record(record({ ...saying, data, now: means.now() }))
    return again
  })
}

async function worktreeOf({ dataDir, env }: Pick<LoanMeans, 'dataDir' | 'env'>, story: Story): Promise<Worktree> {
  const { root, commit } = story.submitted.repository
  const repository = await openRepository(root, env)
  const dir = worktreePlace(dataDir, story)
  return makeWorktree({ repository, dir, branch: `sluice/${story.id}`, base: commit })
}

/** A commit of what the worktree holds, under a ref of ours. The branch, the index and the files stay as they are. */
async function keep(worktree: Worktree, story: Story, as: 'lent' | 'returned', parent?: string) {
  const { repository, branch } = worktree
  const tip = await repository.head(branch)
  await using now = await snapshot(worktree, tip)
  const author = await repository.requireIdentity()
  const message = as === 'lent' ? 'As the person got it' : 'As the person gave it back'
  const parents = [...new Set([tip, ...(parent ? [parent] : [])])]
  const commit = await commitTree(repository.view, { tree: now.tree, parents, message, author })
  await keepRef(repository, `refs/sluice/${story.id}/${as}/${commit.slice(0, 12)}`, commit)
  return { commit, tree: now.tree }
}
