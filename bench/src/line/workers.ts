/** A process of the line: every role of the eight steps in the kit's own loop, each as its own bus user. */
import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { ACK_WAIT_MS } from '@sluice/kit/broker.ts'
import { connectBus } from '@sluice/kit/bus.ts'
import { openLog } from '@sluice/kit/log.ts'
import { type ServeOptions, serve } from '@sluice/kit/serve.ts'
import { beChild } from '../child.ts'
import { steps } from './steps.ts'

export type WorkersConfig = { url: string; dir: string }

await beChild<WorkersConfig>(async ({ url, dir }, signal) => {
  const file = openSync(join(dir, 'roles.log'), 'a')
  for (const role of steps) {
    const bus = await connectBus({ url, user: role.name, password: role.name })
    const log = openLog(role.name, { write: (line) => void writeSync(file, line) })
    void serve(role, {
      ...{ bus, log, signal, means, endProcesses: async () => {}, version: 'bench' },
      ...{ runsDir: join(dir, 'runs'), ackWaitMs: ACK_WAIT_MS },
    })
  }
  return {}
})

/** These steps use none of it: whoever reaches for it hears so. */
async function means(): Promise<Awaited<ReturnType<ServeOptions['means']>>> {
  const absent = (): never => {
    throw new Error('The steps of the bench have no model, no artifacts and no shell.')
  }
  return {
    agent: { run: absent },
    memory: { search: absent },
    artifacts: { put: absent, get: absent },
    workshop: { tools: absent },
    [Symbol.asyncDispose]: async () => {},
  } as unknown as Awaited<ReturnType<ServeOptions['means']>>
}
