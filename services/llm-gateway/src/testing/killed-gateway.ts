/** The gateway as it runs, but for this: it kills itself, as `kill -9` does, at the step that `KILL_AT` names, the `KILL_NTH` time. */
import { runService } from '@sluice/kit/service.ts'
import type { Step } from '../gateway.ts'
import { serveGateway } from '../llm-gateway.ts'

const { KILL_AT, KILL_NTH = '1' } = process.env
let times = 0

const onStep = (step: Step) => {
  if (step === KILL_AT && ++times === Number(KILL_NTH)) process.kill(process.pid, 'SIGKILL')
}

await runService('llm-gateway', (service) => serveGateway(service, { onStep }))
