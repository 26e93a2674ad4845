/** Writes what the broker and every bus user is told: one file each, readable by its owner only. */
import { join } from 'node:path'
import { brokerConfig } from '@sluice/kit/broker.ts'
import type { ServiceConfig } from '@sluice/kit/config.ts'
import { serviceFile } from '@sluice/kit/config.ts'
import { otherUsers, permissionsOf } from '@sluice/kit/permissions.ts'
import { roles } from '@sluice/kit/roles.ts'
import type { Keyring } from './keyring.ts'
import type { Ports } from './ports.ts'
import { makePrivateDir, writePrivate } from './private-file.ts'

export type BusPlan = {
  dir: string
  ports: Ports
  keys: Keyring
  ackWaitMs: number
  /** Where a user finds the broker; the crash matrix puts a wire between. */
  busUrlFor(user: string): string
  ownOf(user: string): unknown
}

export const brokerUrl = (ports: Ports): string => `127.0.0.1:${ports.broker}`
export const originOf = (ports: Ports): string => `http://127.0.0.1:${ports.page}`
export const gatewayUrl = (ports: Ports): string => `http://127.0.0.1:${ports.gateway}`

export const busPassword = (keys: Keyring, user: string): string => keys(`bus ${user}`)
export const gatewaySecret = (keys: Keyring, user: string): string => keys(`gateway ${user}`)
export const artifactToken = (keys: Keyring, role: string): string => keys(`artifacts ${role}`)

export function writeBusFiles(plan: BusPlan): { brokerFile: string } {
  const { dir, keys, ports } = plan
  makePrivateDir(join(dir, 'bus'))
  const permissions = Object.fromEntries(roles.map((role) => [role.name, permissionsOf(role)]))
  const users = Object.entries({ ...permissions, ...otherUsers }).map(([name, permissions]) => ({
    ...{ name, password: busPassword(keys, name), permissions },
  }))
  const brokerFile = join(dir, 'bus', 'nats.conf')
  const websocket = { port: ports.websocket, allowedOrigins: [originOf(ports)] }
  writePrivate(brokerFile, brokerConfig({ port: ports.broker, storeDir: join(dir, 'bus', 'js'), websocket, users }))

  // The supervisor's own first, and always the broker's own address: others may ask it where the broker is.
  writeUser(plan, 'supervisor', brokerUrl(ports))
  for (const { name } of users.filter(({ name }) => !['supervisor', 'page'].includes(name)))
    writeUser(plan, name, plan.busUrlFor(name))
  return { brokerFile }
}

function writeUser({ dir, keys, ports, ackWaitMs, ownOf }: BusPlan, user: string, url: string): void {
  const isRole = roles.some(({ name }) => name === user)
  const gateway = { url: gatewayUrl(ports), secret: gatewaySecret(keys, user) }
  const config: ServiceConfig = {
    ...{ url, user, password: busPassword(keys, user), ackWaitMs, own: ownOf(user) },
    ...((isRole || user === 'web' || user === 'telemetry') && { gateway }),
    ...(isRole && { web: { url: originOf(ports), token: artifactToken(keys, user) } }),
  }
  writePrivate(serviceFile(user, dir), JSON.stringify(config))
}
