/** A process of the line: the orchestrator, as it runs under `sluice up`. */
import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { connectBus } from '@sluice/kit/bus.ts'
import { openLog } from '@sluice/kit/log.ts'
import { orchestrate } from '@sluice/orchestrator/orchestrator.ts'
import { beChild } from '../child.ts'

export type ConductorConfig = { url: string; dir: string }

await beChild<ConductorConfig>(async ({ url, dir }, signal) => {
  const file = openSync(join(dir, 'orchestrator.log'), 'a')
  const bus = await connectBus({ url, user: 'orchestrator', password: 'orchestrator' })
  const log = openLog('orchestrator', { write: (line) => void writeSync(file, line) })
  await new Promise<void>((ready) => void orchestrate({ bus, log, signal, onReady: ready }))
  return {}
})
