/** The shared dependencies of one checkout: which they are, and that only a jail may have made or may get them. */
import { dependencyKey } from './dependency-key.ts'
import type { Jail } from './jail.ts'
import type { Log } from './log.ts'
import type { Repository } from './repository.ts'
import { type Kept, openSharedCache } from './shared-cache.ts'

/** Disposed, it makes no more copies ahead of need. */
export type Dependencies = AsyncDisposable & {
  /** Puts them into `dir`; null where nobody has kept them yet. */
  restore(dir: string): Promise<Kept | null>
  /** To be called only with what set-up made in a checkout that no agent was in. */
  keep(dir: string): Promise<Kept | null>
}

type Wanted = {
  repository: Repository
  /** Whose lock file and packages count. */
  commit: string
  command: string | null
  projectId: string
  dataDir: string
  jail: Jail
  log: Log
}

/**
 * Null where set-up may do more than install. Without a jail an agent runs as the person and can write anywhere, into what is shared
 * too: then nothing is.
 */
export async function dependenciesOf({ command, jail, ...wanted }: Wanted): Promise<Dependencies | null> {
  if (!command || jail.kind === 'none') return null
  const key = await dependencyKey(wanted.repository, wanted.commit, command)
  if (key === null) return null
  const cache = openSharedCache(wanted.dataDir, wanted.projectId)
  const stop = new AbortController()
  let refilling: Promise<void> = Promise.resolve()
  // Beside what follows: whoever comes next finds a copy ready. Ended half way, it is made by whoever comes then.
  const refill = (kept: Kept | null) => {
    if (kept)
      refilling = cache.refill(key, stop.signal).catch((err: unknown) => {
        if (!stop.signal.aborted) wanted.log.warn({ err }, 'no spare dependencies')
      })
    return kept
  }
  return {
    // Kept ones that cannot be had cost a set-up, not the story.
    restore: (dir) =>
      cache.restore(key, dir).then(refill, (err: unknown) => {
        wanted.log.warn({ err }, 'the shared dependencies cannot be used')
        return null
      }),
    keep: async (dir) => refill(await cache.keep(key, dir)),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await refilling
    },
  }
}
