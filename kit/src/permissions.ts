/** What each bus user may say and hear, computed from what it is: the broker enforces it, a test pins it. */
import type { EventType } from '@sluice/proto/event.ts'
import { MessageParked, StoryReverted } from '@sluice/proto/events.ts'
import { inboxOf } from './bus.ts'
import { LEASES } from './lease.ts'
import type { Role } from './role.ts'

export type Permissions = { publish: string[]; subscribe: string[] }

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
      `$KV.${LEASES}.${name}.>`,
      `$JS.API.DIRECT.GET.KV_${LEASES}.$KV.${LEASES}.${name}.>`,
      ...(role.uses.includes('memory') ? ['memory.search'] : []),
    ],
    subscribe: [`${inboxOf(name)}.>`, `ctl.${name}.>`, '$SRV.>'],
  }
}

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
      'ctl.>',
    ],
    subscribe: [`${inboxOf('orchestrator')}.>`, '$SRV.>'],
  },
  web: {
    publish: [
      'story.*.*.*.web',
      'project.*.*.*.web',
      ...reads('STORY'),
      ...reads('RUN'),
      'memory.*',
      'command.>',
      'ctl.>',
      '$SRV.>',
    ],
    subscribe: [`${inboxOf('web')}.>`, '$SRV.>'],
  },
  page: { publish: reads('STORY'), subscribe: [`${inboxOf('page')}.>`] },
  // It reads the base branch, so it is the one to say that a story was taken back.
  memory: {
    publish: [`story.*.${StoryReverted.type}.memory`, ...reads('STORY')],
    subscribe: [`${inboxOf('memory')}.>`, 'memory.*', '$SRV.>'],
  },
  'llm-gateway': {
    publish: ['run.llm-gateway.>', ...reads('RUN')],
    subscribe: [`${inboxOf('llm-gateway')}.>`, '$SRV.>'],
  },
  supervisor: { publish: ['>'], subscribe: ['>'] },
}
