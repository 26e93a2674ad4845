/** What the supervisor answers on the bus: which services there are and how they do. */
import { pendingOf } from '@sluice/kit/broker.ts'
import type { Bus } from '@sluice/kit/bus.ts'
import { roles } from '@sluice/kit/roles.ts'
import type { ServiceView } from '@sluice/proto/rest.ts'
import pack from '../package.json' with { type: 'json' }
import type { ChildView } from './child.ts'

/** `brokerVersion` is that of nats-server; everything else that runs is of this checkout. */
export function answerCommands(bus: Bus, views: () => ChildView[], brokerVersion: string): void {
  bus.nc.subscribe('command.services', {
    callback: (error, message) => {
      if (!error)
        void servicesOf(bus, views(), brokerVersion).then((services) => message.respond(JSON.stringify({ services })))
    },
  })
}

async function servicesOf(bus: Bus, views: ChildView[], brokerVersion: string): Promise<ServiceView[]> {
  const waiting = await Promise.all(roles.map(async ({ name }) => [name, await pendingOf(bus.nc, name)] as const))
  const pending = new Map<string, number | null>(waiting)
  const versionOf = (name: string) => (name === 'broker' ? brokerVersion : pack.version)
  return views.map((view) => ({ ...view, version: versionOf(view.name), pending: pending.get(view.name) ?? null }))
}
