/** Who is on the bus: every user with what the broker lets them say and hear, every stream, every durable. */
import { ACK_WAIT_MS, buckets, durableFor, streams } from '@sluice/kit/broker.ts'
import { durableOf, otherUsers, permissionsOf } from '@sluice/kit/permissions.ts'
import { reviewers, roles, seatShape } from '@sluice/kit/roles.ts'

/** Stands for any seat, of whoever's program. */
const SEAT = '{seat}'

const ownRoles = roles.filter((role) => !reviewers.includes(role))

export const users = (): Record<string, { publish: string[]; subscribe: string[] }> => ({
  ...Object.fromEntries(ownRoles.map((role) => [role.name, permissionsOf(role)])),
  seat: permissionsOf(seatShape(SEAT)),
  ...Object.fromEntries(
    Object.entries(otherUsers).map(([name, { publish, subscribe }]) => [name, { publish, subscribe }]),
  ),
})

/** Who may make a consumer of its own on this stream, and so hears all of it. */
export const readersOf = (stream: string): string[] =>
  Object.entries(users()).flatMap(([name, { publish }]) =>
    publish.some((one) => one === `$JS.API.CONSUMER.CREATE.${stream}.>` || one === '>') ? [name] : [],
  )

export type Durable = { user: string; takes: string; consumer: ReturnType<typeof durableFor> & { stream: 'STORY' } }

/** Replicas share one; each seat has its own. */
export const durables = (): Durable[] =>
  [...ownRoles, seatShape(SEAT)].map(({ name, takes }) => ({
    user: name === SEAT ? 'seat' : name,
    takes: takes.type,
    consumer: { stream: 'STORY', ...durableFor({ name, takes }, ACK_WAIT_MS) },
  }))

export const kept = () => ({
  streams: streams.map(({ name, subjects }) => ({ name, subjects, readers: readersOf(name) })),
  buckets: buckets.map((name) => ({ name, stream: `KV_${name}`, history: 1, readers: readersOf(`KV_${name}`) })),
  durable: durableOf(SEAT),
})
