/** The broker's own part: its configuration file, its streams, and a durable for every role that takes requests. */
import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/nats-core'
import { CARDS } from '@sluice/proto/cards.ts'
import type { EventType } from '@sluice/proto/event.ts'
import { LEASES } from './lease.ts'
import { durableOf, type Permissions, requestFilter } from './permissions.ts'

export type BrokerUser = { name: string; password: string; permissions: Permissions }

export type BrokerConfig = {
  port: number
  storeDir: string
  pidFile?: string
  /** The page's door: one origin, no other. */
  websocket?: { port: number; allowedOrigins: string[] }
  users: BrokerUser[]
}

/** The configuration file of nats-server (2.9 and up), loopback only. */
export function brokerConfig(config: BrokerConfig): string {
  return [
    'host: 127.0.0.1',
    `port: ${config.port}`,
    'server_name: sluice',
    'max_payload: 1MB',
    ...(config.pidFile ? [`pid_file: ${quote(config.pidFile)}`] : []),
    `jetstream { store_dir: ${quote(config.storeDir)} }`,
    doorsConfig(config),
  ].join('\n')
}

/** Who may come in, and through which doors: also for a broker that somebody else runs. */
export function doorsConfig({ websocket, users }: Pick<BrokerConfig, 'websocket' | 'users'>): string {
  return [
    ...(websocket
      ? [
          'websocket {',
          '  host: 127.0.0.1',
          `  port: ${websocket.port}`,
          '  no_tls: true',
          `  allowed_origins: ${list(websocket.allowedOrigins)}`,
          '}',
        ]
      : []),
    'authorization {',
    '  users: [',
    users.map(userLine).join(',\n'),
    '  ]',
    '}',
    '',
  ].join('\n')
}

const quote = (text: string): string => JSON.stringify(text)
const list = (items: string[]): string => `[${items.map(quote).join(', ')}]`

const userLine = ({ name, password, permissions }: BrokerUser): string =>
  `    { user: ${quote(name)}, password: ${quote(password)}, permissions: { publish: { allow: ${list(permissions.publish)} }, subscribe: { allow: ${list(permissions.subscribe)} }, allow_responses: { max: 1, expires: ${quote(permissions.answersWithin ?? '1s')} } } }`

const stored = { retention: RetentionPolicy.Limits, storage: StorageType.File, allow_direct: true } as const

export const streams = [
  { ...stored, name: 'STORY', subjects: ['story.>', 'project.>'], deny_delete: true, deny_purge: true },
  { ...stored, name: 'RUN', subjects: ['run.>'] },
]

/** Of keys and values, each key with its last value. */
export const buckets = [LEASES, CARDS]

export const ACK_WAIT_MS = 30_000
/** Requests of one role in flight at once over all its replicas. */
const MAX_ACK_PENDING = 512

/** Who gets a durable. */
export type Taker = {
  name: string
  takes: EventType
  /** It comes later, and is not asked what was asked before. */
  fromNew?: boolean
  /** It is started by somebody else, and may have something in hand when nothing of ours runs. */
  isForeign?: boolean
}

export type PrepareOptions = {
  ackWaitMs?: number
  /** No role runs anywhere yet: what one had in hand when it ended is delivered at once, not after `ackWaitMs`. */
  allHandsEmpty?: boolean
}

/**
 * Makes what must exist before anybody speaks; run again it changes nothing but `ack_wait`. Deliveries are not
 * failures: `max_deliver` is unlimited, since after a limit a message would vanish in silence.
 */
export async function prepareBroker(
  nc: NatsConnection,
  roles: readonly Taker[],
  { ackWaitMs = ACK_WAIT_MS, allHandsEmpty = false }: PrepareOptions = {},
): Promise<void> {
  const jsm = await jetstreamManager(nc)
  for (const stream of streams) await jsm.streams.add(stream)
  for (const bucket of buckets) await new Kvm(nc).create(bucket, { history: 1 })

  for (const role of roles) {
    const config = durableFor(role, ackWaitMs)
    const known = await jsm.consumers.info('STORY', durableOf(role.name)).catch(() => null)
    if (!known) await jsm.consumers.add('STORY', config)
    else if (allHandsEmpty && !role.isForeign && known.num_ack_pending > 0) await takeBack(jsm, known, config)
    else if (known.config.ack_wait !== config.ack_wait)
      await jsm.consumers.update('STORY', durableOf(role.name), { ...known.config, ack_wait: config.ack_wait })
  }
}

export const durableFor = ({ name, takes, fromNew }: Taker, ackWaitMs: number) => ({
  durable_name: durableOf(name),
  filter_subject: requestFilter(takes),
  ack_policy: AckPolicy.Explicit,
  deliver_policy: fromNew ? DeliverPolicy.New : DeliverPolicy.All,
  ack_wait: ackWaitMs * 1e6,
  max_ack_pending: MAX_ACK_PENDING,
  max_deliver: -1,
})

/**
 * The durable anew, from the first request that was not acknowledged: the broker forgets over its own restart what was given back to
 * it. A later one that was acknowledged already comes again too, and its answer is found in the run's journal.
 */
async function takeBack(jsm: JetStreamManager, known: ConsumerInfo, config: Partial<ConsumerConfig>): Promise<void> {
  await jsm.consumers.delete('STORY', known.name)
  const from = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: known.ack_floor.stream_seq + 1 }
  await jsm.consumers.add('STORY', { ...config, ...from })
}
