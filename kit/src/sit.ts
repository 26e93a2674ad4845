/** The process around a reviewer from elsewhere: takes the seat that its environment names, until told to stop. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Review, ReviewRequested } from '@sluice/proto/events.ts'
import { SeatFile } from '@sluice/proto/seat.ts'
import { connectBus } from './bus.ts'
import { endProcesses } from './end-processes.ts'
import { Refusal } from './errors.ts'
import { openLog } from './log.ts'
import { noMeans } from './no-means.ts'
import type { Role } from './role.ts'
import { serve } from './serve.ts'

type Reviewer = Omit<Role<typeof ReviewRequested, typeof Review.completed>, 'name'>

/** `reviewerFor` makes the role under the name of the seat it is to take. */
export async function sit(version: string, reviewerFor: (seat: string) => Reviewer): Promise<void> {
  const { seat, bus: place } = await seatFile()
  const stop = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort(new Error(name)))
  // Whoever started us has gone.
  process.stdin.resume().on('close', () => stop.abort(new Error('standard input closed')))

  const runsDir = await mkdtemp(join(tmpdir(), 'sluice-seat-'))
  try {
    await using bus = await connectBus(place)
    const log = openLog(seat)
    const { ackWaitMs } = place
    const options = { bus, log, runsDir, version, ackWaitMs, endProcesses, means: noMeans, signal: stop.signal }
    await serve({ ...reviewerFor(seat), name: seat }, options)
  } finally {
    await rm(runsDir, { recursive: true, force: true })
  }
  process.exit()
}

async function seatFile(): Promise<SeatFile> {
  const file = process.env.SLUICE_SEAT_FILE
  if (!file)
    throw new Refusal(
      'SLUICE_SEAT_FILE is not set.',
      'Let Sluice start this reviewer, or name the file of its seat (`sluice reviewer list` says where it lies).',
    )
  return SeatFile.parse(JSON.parse(await readFile(file, 'utf8')))
}
