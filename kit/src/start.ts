/** The process around a role: configuration, bus, means, until told to stop. */
import { join } from 'node:path'
import type { EventType } from '@sluice/proto/event.ts'
import pack from '../package.json' with { type: 'json' }
import { endProcesses } from './end-processes.ts'
import { meansFor } from './means.ts'
import type { Role } from './role.ts'
import { RoleOwn } from './role-own.ts'
import { serve } from './serve.ts'
import { runService } from './service.ts'

/** Serves one role as a process of its own. */
export async function start<Q extends EventType, C extends EventType>(role: Role<Q, C>): Promise<void> {
  await runService(role.name, async ({ bus, config, log, signal, dataDir }) => {
    const own = RoleOwn.parse(config.own ?? {})
    const means = await meansFor(role, { bus, config, own, log, dataDir })
    await serve(role, {
      ...{ bus, log, signal, means, endProcesses, version: pack.version },
      runsDir: join(dataDir, 'runs'),
      ackWaitMs: config.ackWaitMs,
    })
  })
}
