/** What opens a seat: its token and its own credentials on the bus, as they lie in the data directory now. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BusCredentials } from '@sluice/kit/bus.ts'
import { ServiceConfig, serviceFile } from '@sluice/kit/config.ts'
import { roles } from '@sluice/kit/roles.ts'
import { Token } from '@sluice/proto/event.ts'
import { ReviewRequested } from '@sluice/proto/events.ts'
import { SeatFile } from '@sluice/proto/seat.ts'
import type { z } from 'zod'

export type SeatKey = { token: string; bus: BusCredentials; ackWaitMs: number }

/** Null where there is no such seat. Read anew each time: seats come and go while web runs. */
export type SeatKeys = (seat: string) => Promise<SeatKey | null>

export const seatKeysIn =
  (dataDir: string): SeatKeys =>
  async (seat) => {
    if (!Token.safeParse(seat).success) return null
    const file = await read(join(dataDir, 'seats', `${seat}.json`), SeatFile)
    if (file) return { token: file.rest.token, bus: file.bus, ackWaitMs: file.bus.ackWaitMs }
    return isOwnSeat(seat) ? ofService(await read(serviceFile(seat, dataDir), ServiceConfig)) : null
  }

/** A seat that a reviewer of Sluice's own is made for has the file every service has. */
const isOwnSeat = (seat: string): boolean => roles.some(({ name, takes }) => name === seat && takes === ReviewRequested)

const ofService = (config: ServiceConfig | null): SeatKey | null =>
  config?.web ? { token: config.web.token, bus: config, ackWaitMs: config.ackWaitMs } : null

async function read<S extends z.ZodType>(file: string, schema: S): Promise<z.infer<S> | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  return text === null ? null : schema.parse(JSON.parse(text))
}
