/** Replicas under the service they are of, and which services may have more than one. */
import { pipeline } from '@sluice/proto/pipeline.ts'
import type { ServiceView } from '@sluice/proto/rest.ts'

export type Group = {
  name: string
  replicas: ServiceView[]
  /** Requests nobody has taken or finished; null for who takes none. */
  pending: number | null
  busy: number
  restarts: number
  canScale: boolean
}

const roles = new Set<string>(pipeline.map(({ role }) => role))

export function grouped(services: readonly ServiceView[], seats: readonly string[] = []): Group[] {
  const sum = (all: readonly ServiceView[], of: (one: ServiceView) => number) => all.reduce((n, one) => n + of(one), 0)
  return [...Map.groupBy(services, ({ name }) => name)].map(([name, replicas]) => ({
    ...{ name, replicas, busy: sum(replicas, (one) => one.busy), restarts: sum(replicas, (one) => one.restarts) },
    pending: replicas[0]?.pending ?? null,
    // What takes requests from the line shares them among replicas.
    canScale: roles.has(name) || seats.includes(name) || replicas[0]?.pending != null,
  }))
}
