/** A reviewer that is none of Sluice's own, on the bus by its seat's file: `node stranger.ts N` approves N times, then takes one more and sits over it. */
import { readFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { artifactClient } from '@sluice/kit/artifacts.ts'
import { connectBus } from '@sluice/kit/bus.ts'
import { openLog } from '@sluice/kit/log.ts'
import { completed } from '@sluice/kit/outcome.ts'
import { defineRole } from '@sluice/kit/role.ts'
import { type ServeOptions, serve } from '@sluice/kit/serve.ts'
import type { Workshop } from '@sluice/kit/workshop.ts'
import { Review, ReviewRequested } from '@sluice/proto/events.ts'
import { SeatFile } from '@sluice/proto/seat.ts'

const { seat, bus: place, rest } = SeatFile.parse(JSON.parse(readFileSync(process.env.SLUICE_SEAT_FILE ?? '', 'utf8')))
let left = Number(process.argv[2])

const stranger = defineRole({
  ...{ name: seat, takes: ReviewRequested, gives: Review, uses: [] },
  async answer({ data: { judged } }, { signal }) {
    if (left-- > 0)
      return completed({ seat, judged, verdict: 'approve', findings: [], earlier: [], summary: 'A stranger looked.' })
    return new Promise<never>((_, give) => signal.addEventListener('abort', () => give(signal.reason)))
  },
})

/** It works with nothing but what it is asked. */
const means: ServeOptions['means'] = async () => ({
  agent: { run: () => Promise.reject(new Error('A stranger has no model here.')) },
  memory: { search: async () => ({ lessons: [], files: [] }) },
  artifacts: artifactClient(rest),
  workshop: {} as Workshop,
  [Symbol.asyncDispose]: async () => undefined,
})

const stop = new AbortController()
process.on('SIGTERM', () => stop.abort(new Error('SIGTERM')))
await using bus = await connectBus(place)
await serve(stranger, {
  ...{
    bus,
    log: openLog(seat),
    signal: stop.signal,
    version: '7.0.0',
    program: 'stranger',
    ackWaitMs: place.ackWaitMs,
  },
  runsDir: await mkdtemp(join(tmpdir(), 'slc-stranger-')),
  means,
  endProcesses: async () => undefined,
})
