/** What each bus user may say and hear, computed from what it is: the broker enforces it, a test pins it. */
import { CARDS } from '@sluice/proto/cards.ts'
import type { EventType } from '@sluice/proto/event.ts'
import { MessageParked, StoryReverted } from '@sluice/proto/events.ts'
import { inboxOf } from './bus.ts'
import { LEASES } from './lease.ts'
import type { Role } from './role.ts'

export type Permissions = {
  publish: string[]
  subscribe: string[]
  /**
   * How long an answer to whoever asks may take; one second unless said. The broker remembers for as long what it delivered, and once
   * that is more than 4,096 messages it looks through them all at each further one: who hears much has little time.
   */
  answersWithin?: string
}

/** The durable a role's replicas share; each seat has its own. No dots, spaces or wildcards (NATS naming). */
export const durableOf = (role: string): string => `take-${role}`

export const requestFilter = (takes: EventType): string => `story.*.${takes.type}.>`

export type RoleShape = Pick<Role, 'name' | 'takes' | 'gives' | 'says' | 'uses'>

/**
 * A role: its own words, its own durable, its own leases, its own journal, its own inbox. No consumer of its own
 * making anywhere: the broker would deliver what it stores to any subject the consumer names (docs/decisions/0002-journal.md).
 */
export function permissionsOf(role: RoleShape): Permissions {
  const { name } = role
  const words = [role.gives.completed, role.gives.paused, role.gives.failed, ...(role.says ?? []), MessageParked]
  return {
    publish: [
      ...words.map((type) => `story.*.${type.type}.${name}`),
      `$JS.API.CONSUMER.INFO.STORY.${durableOf(name)}`,
      `$JS.API.CONSUMER.MSG.NEXT.STORY.${durableOf(name)}`,
      `$JS.ACK.STORY.${durableOf(name)}.>`,
      ...ownRun(name),
      `term.${name}.>`,
      `$KV.${LEASES}.${name}.>`,
      `$JS.API.DIRECT.GET.KV_${LEASES}.$KV.${LEASES}.${name}.>`,
      ...(role.uses.includes('memory') ? ['memory.search'] : []),
    ],
    subscribe: [`${inboxOf(name)}.>`, `ctl.${name}.>`, ...answersFor(name)],
  }
}

/**
 * Answers for its own name, and is found by whoever lists all (NATS services API). What it says of itself in the answer to such a
 * list nobody vouches for: who wants to be sure asks by name (`kit/src/srv.ts`).
 */
const answersFor = (name: string): string[] => [
  '$SRV.PING',
  '$SRV.INFO',
  '$SRV.STATS',
  `$SRV.*.${name}`,
  `$SRV.*.${name}.*`,
]

const ownRun = (source: string): string[] => [`run.${source}.>`, `$JS.API.DIRECT.GET.RUN.run.${source}.>`]

/** Reads all of one stream by consumers it makes: for readers that say nothing a role could want to forge. */
const reads = (stream: string): string[] => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.DELETE.${stream}.>`,
  `$JS.API.CONSUMER.INFO.${stream}.>`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.>`,
  `$JS.FC.${stream}.>`,
]

/** Users that are no role. `web` speaks for the person; `page` only listens; `admin` is the supervisor's. */
export const otherUsers: Record<string, Permissions> = {
  orchestrator: {
    publish: [
      'story.*.*.*.orchestrator',
      'project.*.*.*.orchestrator',
      ...reads('STORY'),
      `$KV.${LEASES}.>`,
      `$JS.API.DIRECT.GET.KV_${LEASES}.>`,
      `$KV.${CARDS}.>`,
      `$JS.API.DIRECT.GET.KV_${CARDS}.>`,
      ...reads(`KV_${CARDS}`),
      'ctl.>',
    ],
    subscribe: [`${inboxOf('orchestrator')}.>`, ...answersFor('orchestrator')],
  },
  web: {
    publish: [
      'story.*.*.*.web',
      'project.*.*.*.web',
      ...reads('STORY'),
      ...reads('RUN'),
      // Of ended stories only, once it is packed and nobody can go on from it: their leases are revoked first.
      '$JS.API.STREAM.PURGE.RUN',
      `$KV.${LEASES}.>`,
      `$JS.API.DIRECT.GET.KV_${LEASES}.>`,
      'memory.*',
      'command.>',
      'ctl.>',
      '$SRV.>',
    ],
    subscribe: [`${inboxOf('web')}.>`, 'term.>', ...answersFor('web')],
  },
  page: { publish: [...reads('STORY'), ...reads(`KV_${CARDS}`)], subscribe: [`${inboxOf('page')}.>`, 'term.>'] },
  // It reads the base branch, so it is the one to say that a story was taken back.
  memory: {
    publish: [`story.*.${StoryReverted.type}.memory`, ...reads('STORY')],
    subscribe: [`${inboxOf('memory')}.>`, 'memory.*', ...answersFor('memory')],
    answersWithin: '1m',
  },
  telemetry: {
    publish: [...reads('STORY'), ...reads('RUN')],
    subscribe: [`${inboxOf('telemetry')}.>`, ...answersFor('telemetry')],
  },
  'llm-gateway': {
    publish: ['run.llm-gateway.>', ...reads('RUN')],
    subscribe: [`${inboxOf('llm-gateway')}.>`, ...answersFor('llm-gateway')],
  },
  supervisor: { publish: ['>'], subscribe: ['>'] },
}
