/** Memory: keeps what has shipped and what the base branch tells where it can be searched, and says when a story was taken back. */
import { join } from 'node:path'
import { answerRequests } from '@sluice/kit/answer-requests.ts'
import { type Followed, follow, readAll, streamIdentity } from '@sluice/kit/follow.ts'
import * as asks from '@sluice/kit/memory.ts'
import { idOf, record } from '@sluice/kit/record.ts'
import { runService, type Service } from '@sluice/kit/service.ts'
import { StoryReverted, StoryShipped } from '@sluice/proto/events.ts'
import { entryOf } from './entry.ts'
import { heardSoon } from './heard-soon.ts'
import { type Project, type Reading, readHistory } from './history.ts'
import { sayingIn } from './standing.ts'
import { openStore, type Reader } from './store.ts'

export type MemoryService = Pick<Service, 'bus' | 'log' | 'signal' | 'dataDir'> & {
  /** Whose history is read; without it only stories are remembered. */
  project?: Project | undefined
}

export async function serveMemory({ bus, log, signal, dataDir, project }: MemoryService): Promise<void> {
  const stream = await streamIdentity(bus, signal)
  if (signal.aborted) return
  using store = openStore(join(dataDir, 'memory', 'memory.sqlite'), stream)
  const heard = heardSoon()

  /** A story is read whole when it has shipped: nothing of it is kept before, so nothing of it can be lost. */
  async function learn({ event, sequence }: Followed): Promise<void> {
    const told = await readAll(bus, `story.${event.storyId}.>`)
    store.keep(entryOf(told.map((followed) => followed.event)), { reader: 'shipped', sequence })
    log.info({ story: event.storyId }, 'remembered')
    await sayReverts()
  }

  const listen =
    (reader: 'said' | 'reverted') =>
    ({ event, sequence }: Followed): void => {
      const spoken = sayingIn(event)
      store.hear(spoken && { ...spoken, project: event.projectId }, { reader, sequence })
      heard.now(event.id)
    }

  /** What commits say and no event does. Twice the same id is one event, and what was heard is not said again. */
  async function sayReverts(): Promise<void> {
    if (!project) return
    for (const { storyId, commit, reverts } of store.revertsOfStories(project.id)) {
      const id = idOf(null, 'memory', StoryReverted.type, commit, storyId)
      if (store.standingOf(project.id, storyId).heard.some((said) => said.id === id)) continue
      const saying = { type: StoryReverted, source: 'memory', projectId: project.id, storyId, cause: null, n: commit }
      await bus.publish(record({ ...saying, data: { commit, reverts }, now: new Date() }))
      log.info({ story: storyId, commit }, 'was reverted')
    }
  }

  const readers: [Reader, string, (followed: Followed) => void | Promise<void>][] = [
    ['shipped', `story.*.${StoryShipped.type}.orchestrator`, learn],
    ['said', 'project.*.memory.*.web', listen('said')],
    ['reverted', `story.*.${StoryReverted.type}.memory`, listen('reverted')],
  ]
  const caughtUp = readers.map(() => Promise.withResolvers<void>())
  // Half a memory would tell one run what it does not tell the next, and what was forgotten with it.
  const ready = Promise.all(caughtUp.map(({ promise }) => promise))
  const following = readers.map(([reader, filter, onEvent], i) =>
    follow({
      ...{ bus, log, signal, filter, onEvent, from: store.position(reader) + 1 },
      onCaughtUp: () => caughtUp[i]?.resolve(),
    }).finally(caughtUp[i]?.resolve),
  )
  void ready.then(() => log.info('ready'))

  const history = project && readHistory({ store, project, log, signal, onRead: () => ready.then(sayReverts) })
  const reading = (): Reading => history?.reading() ?? { state: 'none', done: 0, of: 0, why: null }

  await Promise.all([
    ...following,
    history?.ended,
    answerRequests(bus, {
      ...{ subject: asks.MEMORY_SEARCH, asks: asks.MemoryQuery, log, signal },
      answer: (query) => ready.then(() => store.search(query)),
    }),
    answerRequests(bus, {
      ...{ subject: asks.MEMORY_SHOW, asks: asks.MemoryShow, log, signal },
      async answer({ projectId, entry, heard: event }) {
        await ready
        const isHeard = () => store.standingOf(projectId, entry).heard.some(({ id }) => id === event)
        if (event) await heard.soon(event, isHeard)
        return { entry: store.show(projectId, entry) }
      },
    }),
    answerRequests(bus, {
      ...{ subject: asks.MEMORY_STATE, asks: asks.MemoryAbout, log, signal },
      answer: ({ projectId }) => ready.then(() => ({ state: { ...store.count(projectId), reading: reading() } })),
    }),
  ])
}

if (import.meta.main)
  await runService('memory', ({ config, ...service }) => {
    const project = config.own === undefined ? undefined : asks.MemoryOwn.parse(config.own).project
    return serveMemory({ ...service, project })
  })
