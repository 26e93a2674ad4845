/** Memory: reads what has shipped from the stream, keeps it where it can be searched, answers `memory.search`. */
import { join } from 'node:path'
import { answerRequests } from '@sluice/kit/answer-requests.ts'
import { type Followed, follow, readAll, streamIdentity } from '@sluice/kit/follow.ts'
import { MEMORY_SEARCH, MemoryQuery } from '@sluice/kit/memory.ts'
import { runService, type Service } from '@sluice/kit/service.ts'
import { StoryShipped } from '@sluice/proto/events.ts'
import { entryOf } from './entry.ts'
import { openStore } from './store.ts'

export type MemoryService = Pick<Service, 'bus' | 'log' | 'signal' | 'dataDir'>

export async function serveMemory({ bus, log, signal, dataDir }: MemoryService): Promise<void> {
  const stream = await streamIdentity(bus, signal)
  if (signal.aborted) return
  using store = openStore(join(dataDir, 'memory', 'memory.sqlite'), stream)
  const caughtUp = Promise.withResolvers<void>()

  /** A story is read whole when it has shipped: nothing of it is kept before, so nothing of it can be lost. */
  async function learn({ event, sequence }: Followed): Promise<void> {
    const told = await readAll(bus, `story.${event.storyId}.>`)
    store.keep(entryOf(told.map((followed) => followed.event)), sequence)
    log.info({ story: event.storyId }, 'remembered')
  }

  await Promise.all([
    answerRequests(bus, {
      ...{ subject: MEMORY_SEARCH, asks: MemoryQuery, log, signal },
      async answer(query) {
        // Half a memory would tell one run what it does not tell the next.
        await caughtUp.promise
        return { hits: store.search(query) }
      },
    }),
    follow({
      ...{ bus, log, signal, from: store.position() + 1, onEvent: learn },
      filter: `story.*.${StoryShipped.type}.orchestrator`,
      onCaughtUp() {
        log.info('ready')
        caughtUp.resolve()
      },
    }).finally(caughtUp.resolve),
  ])
}

if (import.meta.main) await runService('memory', serveMemory)
