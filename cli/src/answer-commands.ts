/** What the supervisor answers on the bus: which services there are and how they do. */
import { pendingOf } from '@sluice/kit/broker.ts'
import type { Bus } from '@sluice/kit/bus.ts'
import { roles } from '@sluice/kit/roles.ts'
import type { ServiceView } from '@sluice/proto/rest.ts'
import pack from '../package.json' with { type: 'json' }
import type { ChildView } from './child.ts'

export function answerCommands(bus: Bus, views: () => ChildView[]): void {
  bus.nc.subscribe('command.services', {
    callback: (error, message) => {
      if (!error) void servicesOf(bus, views()).then((services) => message.respond(JSON.stringify({ services })))
    },
  })
}

async function servicesOf(bus: Bus, views: ChildView[]): Promise<ServiceView[]> {
  const waiting = await Promise.all(roles.map(async ({ name }) => [name, await pendingOf(bus.nc, name)] as const))
  const pending = new Map<string, number | null>(waiting)
  return views.map((view) => ({ ...view, version: pack.version, pending: pending.get(view.name) ?? null }))
}
