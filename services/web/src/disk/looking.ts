/** What looking after the disk works with, out of what web has. */
import type { WorktreePolicy } from '@sluice/kit/worktree-policy.ts'
import type { Stories } from '../stories.ts'
import type { Looking } from './candidate.ts'
import { type TidyTimes, tidyTimes } from './tidy.ts'

type Means = Pick<Looking, 'bus' | 'store' | 'log' | 'signal' | 'turns' | 'env' | 'now' | 'dataDir' | 'runsDir'> & {
  own: { worktree: WorktreePolicy; project: { root: string } }
  stories: Pick<Stories, 'all' | 'record'>
  tidy?: (Partial<TidyTimes> & { quietMs?: number }) | undefined
}

const stopped = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

export function lookingWith({ own, stories, tidy = {}, ...means }: Means): Looking {
  const { quietMs, ...times } = tidy
  return {
    ...means,
    ...{ policy: own.worktree, root: own.project.root, times: { ...tidyTimes, ...times } },
    ...(quietMs === undefined ? {} : { quietMs }),
    // Told to stop, nobody folds it in any more: it is recorded all the same, and found by whoever starts next.
    record: (event) => Promise.race([stories.record(event), stopped(means.signal)]),
    cards: () => stories.all().map(({ card }) => card),
    ended: () => stories.all().flatMap(({ card }) => (card.status === 'running' ? [] : [card.id])),
  }
}
