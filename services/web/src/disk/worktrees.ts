/** Worktrees of stories on the disk, and how one of an ended story is given back. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { gitDirOf } from '@sluice/kit/checkouts.ts'
import { Refusal, TerminalError } from '@sluice/kit/errors.ts'
import { type GivenBack, giveBack, refuseInUse } from '@sluice/kit/give-back.ts'
import { record } from '@sluice/kit/record.ts'
import { openRepository } from '@sluice/kit/repository.ts'
import type { Worktree } from '@sluice/kit/worktree.ts'
import type { WorktreePolicy } from '@sluice/kit/worktree-policy.ts'
import type { Envelope } from '@sluice/proto/event.ts'
import { WorktreeSecured } from '@sluice/proto/events.ts'
import type { Ended } from './ended.ts'

export type GivingBack = {
  dataDir: string
  policy: WorktreePolicy
  env: Record<string, string | undefined>
  now(): Date
  record(event: Envelope): Promise<void>
  /** How long nothing in it may have changed. */
  quietMs?: number
}

export type OnDisk = { projectId: string; name: string; path: string }

/** Everything beside each other where worktrees are made: they, their archives, what is half removed. */
export async function besideWorktrees(dataDir: string): Promise<OnDisk[]> {
  const root = join(dataDir, 'worktrees')
  const projects = await readdir(root).catch(() => [])
  const found = await Promise.all(
    projects.map(async (projectId) =>
      (await readdir(join(root, projectId)).catch(() => [])).map((name) => ({
        projectId,
        name,
        path: join(root, projectId, name),
      })),
    ),
  )
  return found.flat()
}

/** Also what a death in the middle left of it. */
export async function hasWorktree(dataDir: string, story: Ended): Promise<boolean> {
  const beside = await besideWorktrees(dataDir)
  const names = [story.id, `${story.id}.leaving`]
  return beside.some(
    ({ projectId, name }) =>
      projectId === story.projectId && (names.includes(name) || name.startsWith(`${story.id}.gone-`)),
  )
}

/** Null where there is none of git's side any more: then only what was half removed is left. */
async function worktreeOf({ dataDir, env }: Pick<GivingBack, 'dataDir' | 'env'>, story: Ended): Promise<Worktree> {
  const repository = await openRepository(story.repository.root, env)
  const dir = join(await realpath(join(dataDir, 'worktrees', story.projectId)), story.id)
  const known = await gitDirOf(repository.commonDir, dir)
  if (known === undefined && (await stat(dir).catch(() => null)))
    throw new Refusal('Git does not know it any more, so nothing can be said of what it holds.', 'Look at it yourself.')
  const gitDir = known ?? join(repository.commonDir, 'worktrees', `gone ${story.id}`)
  return { repository, dir, gitDir, branch: `sluice/${story.id}`, base: story.repository.commit }
}

/** What can be said without touching it; null where nothing speaks against giving it back. */
export async function whyItStays(means: Pick<GivingBack, 'dataDir' | 'env'>, story: Ended): Promise<string | null> {
  try {
    refuseLent(story)
    await refuseInUse(await worktreeOf(means, story))
    return null
  } catch (error) {
    if (error instanceof TerminalError) return error.message
    throw error
  }
}

export async function giveBackOf(means: GivingBack, story: Ended): Promise<GivenBack> {
  const { policy, now, quietMs } = means
  try {
    refuseLent(story)
    const worktree = await worktreeOf(means, story)
    return await giveBack(worktree, {
      ...{ storyId: story.id, archiveMb: policy.archiveMb, ...(quietMs === undefined ? {} : { quietMs }) },
      async say({ tree, kept, archived }) {
        const { id: storyId, projectId } = story
        // The same proof said again is the same event.
        const n = [tree, archived?.sha256 ?? '', ...kept.map(({ commit }) => commit)].join(' ')
        const data = { path: worktree.dir, tree, kept, archived }
        const saying = { type: WorktreeSecured, source: 'web', projectId, storyId, cause: null, n, data }
        await means.record(record({ ...saying, now: now() }))
      },
    })
  } catch (error) {
    if (error instanceof TerminalError) return { removed: false, why: error.message }
    throw error
  }
}

/** A person may have it in hand; only the last of lending and returning counts. */
function refuseLent({ events }: Ended): void {
  const last = events.findLast(({ type }) => type === 'worktree.lent' || type === 'worktree.returned')
  if (last?.type === 'worktree.lent') throw new Refusal('You have taken it.', 'Give it back first.')
}
