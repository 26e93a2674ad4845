/** The base branch as memory reads it: what was there before any story, and every commit that takes a story back. */
import { followBase } from '@sluice/kit/follow-base.ts'
import { type Past, pastOf } from '@sluice/kit/history.ts'
import type { Log } from '@sluice/kit/log.ts'
import type { Repository } from '@sluice/kit/repository.ts'
import type { MemoryState } from '@sluice/proto/rest.ts'
import { historyEntry } from './history-entry.ts'
import type { MemoryStore } from './store.ts'

export type Project = { id: string; root: string; base: string }
export type Reading = MemoryState['reading']

export type HistoryOptions = {
  store: MemoryStore
  project: Project
  log: Log
  signal: AbortSignal
  /** After every part that was read. */
  onRead(): Promise<void>
}

/** The newest so many changes: years of most repositories, and read in seconds. */
const MOST = 3_000
/** Kept at once: requests are answered in between. */
const AT_ONCE = 100

export type History = { reading(): Reading; ended: Promise<void> }

export function readHistory({ store, project, log, signal, onRead }: HistoryOptions): History {
  let reading: Reading = { state: 'reading', done: 0, of: 0, why: null }

  async function read(head: string, repository: Repository): Promise<void> {
    const past = await pastOf(repository, { tip: head, after: store.headOf(project.id), most: MOST, signal })
    reading = { state: 'reading', done: 0, of: past.length, why: null }
    for (let i = 0; i < past.length; i += AT_ONCE) {
      if (signal.aborted) return
      keep(past.slice(i, i + AT_ONCE))
      reading = { ...reading, done: Math.min(i + AT_ONCE, past.length) }
      await new Promise(setImmediate)
    }
    store.present(project.id, new Set(await repository.listFiles(head)))
    // Said before it is asked for again: who died in between reads nothing twice, and owes the same.
    await onRead()
    reading = { state: 'read', done: past.length, of: past.length, why: null }
    log.info({ commits: past.length, head }, 'history is read')
  }

  function keep(past: Past[]): void {
    const entries = past.flatMap((one) => historyEntry(one, project.id) ?? [])
    const reverts = past.flatMap(({ commit, at, reverts }) => reverts.map((taken) => ({ commit, reverts: taken, at })))
    const head = past.at(-1)?.commit
    if (head) store.keepHistory(project.id, { entries, reverts, head })
  }

  const onHead = (head: string, repository: Repository) =>
    read(head, repository).catch((error: unknown) => {
      reading = { ...reading, state: 'failed', why: error instanceof Error ? error.message : String(error) }
      throw error
    })
  const { root, base } = project
  return { reading: () => reading, ended: followBase({ root, base, log, signal, onHead }) }
}
