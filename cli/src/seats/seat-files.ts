/** What an occupant of a seat needs to take it: a file for each seat, and the environment of one that we start. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { inboxOf } from '@sluice/kit/bus.ts'
import { durableOf } from '@sluice/kit/permissions.ts'
import type { SeatFile } from '@sluice/proto/seat.ts'
import type { Keyring } from '../keyring.ts'
import type { BusPlace } from '../own.ts'
import { originOf, type Ports } from '../ports.ts'
import { makePrivateDir, writePrivate } from '../private-file.ts'
import { artifactToken, busPassword } from '../secrets.ts'

type SeatPlan = { dir: string; keys: Keyring; ports: Ports; bus: BusPlace; ackWaitMs: number }

export const seatFile = (dir: string, seat: string): string => join(dir, 'seats', `${seat}.json`)

/** In words that any language's client understands. */
function seatFileOf({ keys, ports, bus, ackWaitMs }: SeatPlan, seat: string): SeatFile {
  return {
    seat,
    bus: {
      ...{ url: `nats://${bus.url}`, user: seat, password: busPassword(keys, seat) },
      ...{ inboxPrefix: inboxOf(seat), stream: 'STORY', consumer: durableOf(seat), ackWaitMs },
    },
    rest: { url: originOf(ports), token: artifactToken(keys, seat) },
  }
}

export function writeSeatFile(plan: SeatPlan, seat: string): void {
  makePrivateDir(join(plan.dir, 'seats'))
  writePrivate(seatFile(plan.dir, seat), JSON.stringify(seatFileOf(plan, seat), null, 2))
}

export const removeSeatFile = (dir: string, seat: string): void => rmSync(seatFile(dir, seat), { force: true })

export function seatEnv(plan: SeatPlan, seat: string): Record<string, string> {
  const { bus, rest } = seatFileOf(plan, seat)
  return {
    ...{ SLUICE_SEAT: seat, SLUICE_SEAT_FILE: seatFile(plan.dir, seat) },
    ...{ SLUICE_URL: rest.url, SLUICE_TOKEN: rest.token },
    ...{ NATS_URL: bus.url, NATS_USER: bus.user, NATS_PASSWORD: bus.password },
  }
}
