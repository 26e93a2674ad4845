/** The process around a role: configuration, bus, means, until told to stop. */
import { join } from 'node:path'
import type { EventType } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import pack from '../package.json' with { type: 'json' }
import { chosenFor } from './choice.ts'
import { endProcesses } from './end-processes.ts'
import { meansFor } from './means.ts'
import type { Role } from './role.ts'
import { RoleOwn } from './role-own.ts'
import { serve } from './serve.ts'
import { runService } from './service.ts'

/** Serves one role as a process of its own; a reviewer also in a seat of another name, if `SLUICE_SEAT` says so. */
export async function start<Q extends EventType, C extends EventType>(program: Role<Q, C>): Promise<void> {
  const role = { ...program, name: process.env.SLUICE_SEAT ?? program.name }
  await runService(role.name, async ({ bus, config, log, signal, dataDir, vitals }) => {
    const own = RoleOwn.parse(config.own ?? {})
    const means = await meansFor(role, { bus, config, own, log, dataDir })
    await serve(role, {
      ...(role.uses.includes('agent') && { choiceFor: (request: Event) => chosenFor(role.name, request, own) }),
      ...{ bus, log, signal, means, endProcesses, vitals, version: pack.version, program: program.name },
      runsDir: join(dataDir, 'runs'),
      ackWaitMs: config.ackWaitMs,
    })
  })
}
