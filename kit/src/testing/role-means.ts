/** Means for one run of a role, without a bus: artifacts on disk, the real jail, whatever agent the test hands in. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EventType } from '@sluice/proto/event.ts'
import { artifactStore } from '../artifacts.ts'
import type { Jail } from '../jail.ts'
import { openLog } from '../log.ts'
import type { Means } from '../role.ts'
import type { Entry, Run } from '../run.ts'
import { openWorkshop } from '../workshop.ts'
import { findOnPath } from './find.ts'
import { memoryOf } from './fixtures.ts'
import { type MemoryRun, memoryRun } from './memory-run.ts'

export type RoleWorld = AsyncDisposable & {
  dataDir: string
  /** What the role said beside its answer. */
  said: { type: string; data: unknown }[]
  /** Means of an attempt; `entries` is the journal that earlier attempts left. */
  means(parts?: Partial<Means> & { entries?: readonly Entry[]; attempt?: number }): Means & { run: MemoryRun | Run }
}

export async function roleWorld(): Promise<RoleWorld> {
  const dataDir = await mkdtemp(join(tmpdir(), 'slc-role-'))
  const artifacts = artifactStore(join(dataDir, 'artifacts'))
  const jail: Jail = { kind: 'bubblewrap', path: findOnPath('bwrap') }
  const said: RoleWorld['said'] = []
  const open: AsyncDisposable[] = []
  return {
    dataDir,
    said,
    means({ entries = [], attempt = 1, ...parts } = {}) {
      const run = { ...memoryRun({ entries, attempt }), dir: dataDir }
      const access = () => Promise.reject(new Error('There is no gateway in this test.'))
      const workshop = openWorkshop({ run, jail, access, dataDir, offline: true })
      open.push(workshop)
      return {
        source: 'role',
        run,
        artifacts,
        workshop,
        agent: { run: () => Promise.reject(new Error('There is no model in this test.')) },
        memory: memoryOf(),
        log: openLog('test', { write: () => undefined }),
        signal: new AbortController().signal,
        say: async (type: EventType, data: unknown) => {
          said.push({ type: type.type, data })
        },
        ...parts,
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((one) => one[Symbol.asyncDispose]()))
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
