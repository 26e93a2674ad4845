/** One role's durable while others run: its beginning, what waits there, giving back what a hand that is gone still held, and its end. */
import { type ConsumerInfo, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { durableFor, type Taker } from './broker.ts'
import { durableOf } from './permissions.ts'

export type Waiting = {
  /** Requests that nobody has answered yet, in hand or not. */
  pending: number
  /** Somebody asks for the next one just now, or has one in hand. */
  isServed: boolean
}

/** Null for who takes no requests, and while the broker is away. */
export async function waitingFor(nc: NatsConnection, role: string): Promise<Waiting | null> {
  const info = await infoOf(nc, role).catch(() => null)
  if (!info) return null
  const { num_pending, num_ack_pending, num_waiting } = info
  return { pending: num_pending + num_ack_pending, isServed: num_waiting + num_ack_pending > 0 }
}

/**
 * Whoever took requests is gone and cannot say so: what it held is delivered again now, not after `ack_wait`. Said for every
 * sequence that may be in hand; the broker passes over those that are not, so what was answered does not come again.
 */
export async function handBack(nc: NatsConnection, role: string): Promise<void> {
  const info = await infoOf(nc, role)
  if (!info || info.num_ack_pending === 0) return
  const { ack_floor, delivered } = info
  for (let sequence = ack_floor.stream_seq + 1; sequence <= delivered.stream_seq; sequence++)
    nc.publish(`$JS.ACK.STORY.${durableOf(role)}.1.${sequence}.${delivered.consumer_seq}.0.0`, '-NAK')
  await nc.flush()
}

/** Begins now, whatever stood under this name before. */
export async function openDurable(nc: NatsConnection, taker: Taker, ackWaitMs: number): Promise<void> {
  await closeDurable(nc, taker.name)
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  await jsm.consumers.add('STORY', durableFor({ ...taker, fromNew: true }, ackWaitMs))
}

/** Nobody will take what waits there. */
export async function closeDurable(nc: NatsConnection, role: string): Promise<void> {
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  await jsm.consumers.delete('STORY', durableOf(role)).catch(unlessMissing)
}

async function infoOf(nc: NatsConnection, role: string): Promise<ConsumerInfo | null> {
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  return await jsm.consumers.info('STORY', durableOf(role)).catch(unlessMissing)
}

const CONSUMER_NOT_FOUND = 10014

function unlessMissing(error: unknown): null {
  if (error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND) return null
  throw error
}
