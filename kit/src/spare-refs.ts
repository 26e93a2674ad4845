/** Refs of a story that keep nothing alone: every commit of theirs is reached from another one of it. */
import { git, gitText } from './git.ts'
import { keptRefs } from './reachable.ts'
import type { Repository } from './repository.ts'

export type SpareRef = { ref: string; commit: string }

/** Of checkpoints only, and of none in `named`: what a worktree left, or what landed, has a name that means something. */
export async function spareRefs(
  repository: Pick<Repository, 'refs' | 'view'>,
  storyId: string,
  named: ReadonlySet<string>,
): Promise<SpareRef[]> {
  // Its branch is the person's to remove: what only that one reaches is not spare.
  const all = (await keptRefs(repository, storyId)).filter(({ ref }) => ref.startsWith('refs/sluice/'))
  if (all.length < 2) return []
  const commits = [...new Set(all.map(({ commit }) => commit))]
  const alone = new Set((await gitText(repository.view, ['merge-base', '--independent', ...commits])).split('\n'))
  // `refs/sluice/<story>/<run>/<n>`; of several at one commit that nothing else reaches, the first stays.
  const isCheckpoint = (ref: string) => /^refs\/sluice\/[^/]+\/[^/]+\/\d+$/.test(ref)
  const firstAt = new Map(all.toReversed().map(({ ref, commit }) => [commit, ref]))
  return all.filter(
    ({ ref, commit }) => isCheckpoint(ref) && !named.has(ref) && !(alone.has(commit) && firstAt.get(commit) === ref),
  )
}

/** Each only where it still stands where it stood. */
export async function removeRefs({ refs }: Pick<Repository, 'refs'>, spare: readonly SpareRef[]): Promise<void> {
  const input = spare.map(({ ref, commit }) => `delete ${ref}\0${commit}\0`).join('')
  await git(refs, ['update-ref', '-m', 'sluice gc', '--stdin', '-z'], { input })
}

/** Whose checkpoints there are. */
export async function storiesWithRefs({ refs }: Pick<Repository, 'refs'>): Promise<string[]> {
  const listed = await gitText(refs, ['for-each-ref', '--format=%(refname)', 'refs/sluice/'])
  return [...new Set(listed.split('\n').flatMap((ref) => ref.split('/')[2] ?? []))]
}
