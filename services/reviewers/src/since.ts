/** What changed since the last round: each round is one commit on the story's branch, so its parent is what was judged before. */
import { gitText } from '@sluice/kit/git.ts'
import type { Repository } from '@sluice/kit/repository.ts'
import { changeOf, type TouchedFile } from '@sluice/kit/story-change.ts'
import type { Judged } from '@sluice/proto/parts.ts'
import type { Since } from './prompt.ts'

const MOST_BYTES = 100_000

/** Null where the branch was rebuilt, so that there is no such commit, or where it would only repeat the diff. */
export async function sinceLastRound(
  repository: Repository,
  { base, commit }: Pick<Judged, 'base' | 'commit'>,
  { touched, storyId }: { touched: TouchedFile[]; storyId: string },
): Promise<Since | null> {
  const from = await gitText(repository.view, ['rev-parse', '--verify', `${commit}^`])
  if (from === base) return null
  const patch = patchOf(await changeOf(repository, { base: from, commit }, storyId))
  return patch === patchOf(touched) || Buffer.byteLength(patch) > MOST_BYTES ? null : { from, patch }
}

const patchOf = (touched: TouchedFile[]): string => touched.map((file) => file.patch).join('')
