/** A process of the bench: so many replicas of one role, each a loop and a connection of its own, as the broker sees processes. */
import { join } from 'node:path'
import { openAgent } from '@sluice/kit/agents/anthropic.ts'
import { artifactStore } from '@sluice/kit/artifacts.ts'
import { ACK_WAIT_MS } from '@sluice/kit/broker.ts'
import { connectBus } from '@sluice/kit/bus.ts'
import { openLog } from '@sluice/kit/log.ts'
import type { ModelAccess } from '@sluice/kit/model-access.ts'
import { type ServeOptions, serve } from '@sluice/kit/serve.ts'
import { beChild } from '../child.ts'
import { worker } from './role.ts'

export type ReplicasConfig = { url: string; api: string; dir: string; replicas: number }

await beChild<ReplicasConfig>(async ({ url, api, dir, replicas }, signal) => {
  const log = openLog(worker.name, { write: () => {} })
  const artifacts = artifactStore(join(dir, 'artifacts'))
  const access: ModelAccess = {
    ...{ url: api, egressUrl: api, token: 'token', reopen: async () => undefined },
    [Symbol.asyncDispose]: async () => {},
  }
  const means: ServeOptions['means'] = async (run) => ({
    agent: openAgent({ run, access, model: 'claude-opus-5-5', log, artifacts }),
    memory: { search: async () => ({ lessons: [], files: [] }) },
    artifacts,
    // This role has no shell and no browser.
    workshop: undefined as never,
    [Symbol.asyncDispose]: async () => {},
  })
  for (let n = 0; n < replicas; n++) {
    const bus = await connectBus({ url, user: worker.name, password: worker.name })
    void serve(worker, {
      ...{ bus, log, signal, means, endProcesses: async () => {}, version: 'bench' },
      ...{ runsDir: join(dir, 'runs'), ackWaitMs: ACK_WAIT_MS },
    })
  }
  return {}
})
