/** Writes what the broker and every bus user is told: one file each, readable by its owner only. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type BrokerUser, brokerConfig } from '@sluice/kit/broker.ts'
import type { ServiceConfig } from '@sluice/kit/config.ts'
import { serviceFile } from '@sluice/kit/config.ts'
import { otherUsers, permissionsOf } from '@sluice/kit/permissions.ts'
import type { Keyring } from './keyring.ts'
import type { BusPlace } from './own.ts'
import { gatewayUrl, originOf, type Ports } from './ports.ts'
import { makePrivateDir, writePrivate } from './private-file.ts'
import type { SeatBook } from './seats/seat-book.ts'
import { writeSeatFile } from './seats/seat-files.ts'
import { staffOf } from './seats/staff.ts'
import { artifactToken, busPassword, gatewaySecret } from './secrets.ts'

export type BusPlan = {
  dir: string
  ports: Ports
  keys: Keyring
  ackWaitMs: number
  bus: BusPlace
  seats: SeatBook
  /** Where a user finds the broker; the crash matrix puts a wire between. */
  busUrlFor(user: string): string
  ownOf(user: string): unknown
}

export const brokerFile = (dir: string): string => join(dir, 'bus', 'nats.conf')

/** Written again whenever seats or replicas change: whoever starts later reads what holds now. */
export function writeBusFiles(plan: BusPlan): void {
  const { dir, ports, seats } = plan
  makePrivateDir(join(dir, 'bus'))
  const users = busUsers(plan)
  const websocket = { port: ports.websocket, allowedOrigins: [originOf(ports)] }
  writePrivate(
    brokerFile(dir),
    brokerConfig({ port: ports.broker, storeDir: join(dir, 'bus', 'js'), websocket, users }),
  )

  // The supervisor's own first, and always the broker's own address: others may ask it where the broker is.
  writeUser(plan, 'supervisor', plan.bus.url)
  for (const { name } of users.filter(({ name }) => !['supervisor', 'page'].includes(name)))
    writeUser(plan, name, plan.busUrlFor(name))
  for (const { seat } of seats.all()) writeSeatFile(plan, seat)
}

/** Everybody who may speak on the bus, and how far. */
export function busUsers({ keys, seats }: Pick<BusPlan, 'keys' | 'seats'>): BrokerUser[] {
  const permissions = Object.fromEntries(staffOf(seats).map((role) => [role.name, permissionsOf(role)]))
  return Object.entries({ ...permissions, ...otherUsers }).map(([name, permissions]) => ({
    ...{ name, password: busPassword(keys, name), permissions },
  }))
}

function writeUser(plan: BusPlan, user: string, url: string): void {
  const { dir, keys, ports, ackWaitMs, ownOf } = plan
  const role = staffOf(plan.seats).find(({ name }) => name === user)
  // Somebody else's program has its seat's file, and no way to a model.
  if (role && !role.isOurs) {
    rmSync(serviceFile(user, dir), { force: true })
    return
  }
  const isRole = role !== undefined
  const gateway = { url: gatewayUrl(ports), secret: gatewaySecret(keys, user) }
  const config: ServiceConfig = {
    ...{ url, user, password: busPassword(keys, user), ackWaitMs, own: ownOf(user) },
    ...((isRole || user === 'web' || user === 'telemetry') && { gateway }),
    // Telemetry reads what runs left, which is an artifact once their story has ended.
    ...((isRole || user === 'telemetry') && { web: { url: originOf(ports), token: artifactToken(keys, user) } }),
  }
  writePrivate(serviceFile(user, dir), JSON.stringify(config))
}
