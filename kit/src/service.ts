/** The process around any service: reads its configuration, connects, runs until told to stop, leaves cleanly. */
import pino from 'pino'
import pack from '../package.json' with { type: 'json' }
import { type Bus, connectBus } from './bus.ts'
import { type ServiceConfig, serviceConfig } from './config.ts'
import { endWithParent } from './end-with-parent.ts'
import { Refusal } from './errors.ts'
import { type Log, openLog } from './log.ts'
import { readLine } from './log-line.ts'
import { dataDir } from './paths.ts'
import { answerServices } from './srv.ts'
import { newVitals, type Vitals } from './vitals.ts'

export type Service = {
  bus: Bus
  config: ServiceConfig
  log: Log
  signal: AbortSignal
  dataDir: string
  /** What it says of itself to whoever asks how it does. */
  vitals: Vitals
}

/** Exit codes: 0 told to stop, 1 cannot start (one sentence says why), 2 broke. */
export async function runService(user: string, main: (service: Service) => Promise<void>): Promise<void> {
  endWithParent()
  const vitals = newVitals()
  const log = openLog(user, noting(vitals, pino.destination({ dest: 2, sync: true })))
  const signal = stopSignal()
  try {
    const dir = dataDir()
    const config = await serviceConfig(user, dir)
    await using bus = await connectBus(config)
    answerServices(bus, { name: user, version: pack.version, replica: process.env.SLUICE_REPLICA ?? '1', vitals })
    log.info({ pid: process.pid }, 'connected')
    await main({ bus, config, log, signal, dataDir: dir, vitals })
  } catch (error) {
    if (error instanceof Refusal) log.fatal(error.message)
    else if (!signal.aborted) log.fatal({ err: error }, 'broke')
    process.exitCode = signal.aborted ? 0 : error instanceof Refusal ? 1 : 2
  }
  // Whatever still holds the event loop was not told to stop in time.
  process.exit()
}

/** The last error that was logged is what last went wrong. */
const noting = (vitals: Vitals, to: pino.DestinationStream): pino.DestinationStream => ({
  write(line) {
    // Looked at before it is parsed: nearly every line is another.
    if (/^\{"level":[56]0,/.test(line)) vitals.lastError = readLine(line).error ?? null
    to.write(line)
  },
})

/** Aborted by SIGTERM or SIGINT. */
function stopSignal(): AbortSignal {
  const stop = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort(new Error(name)))
  return stop.signal
}
