/** A whole stream as bytes and back, by the broker's own snapshots (JetStream API, `STREAM.SNAPSHOT` and `STREAM.RESTORE`). */
import { createInbox, type Msg, type Subscription } from '@nats-io/nats-core'
import { z } from 'zod'
import type { Bus } from './bus.ts'
import { LEASES } from './lease.ts'

/** In the order to copy them: what a later one says about an earlier one is there, never the other way round. */
export const durableStreams = ['STORY', 'RUN', `KV_${LEASES}`] as const

const State = z.looseObject({ messages: z.int(), first_seq: z.int(), last_seq: z.int() })

/** What the broker must be told to make the stream again: its configuration and where it stands, as it gave them. */
export const StreamHead = z.object({ config: z.looseObject({ name: z.string() }), state: State })
export type StreamHead = z.infer<typeof StreamHead>

const ApiError = z.object({ error: z.object({ description: z.string() }) })
const CHUNK_BYTES = 256 * 1024
/** How long the broker may be silent in the middle. */
const SILENCE_MS = 30_000

/** The stream as it stands at this moment, with its consumers and what they have acknowledged. */
export async function snapshotStream(
  bus: Bus,
  stream: string,
): Promise<{ head: StreamHead; chunks: AsyncIterable<Uint8Array> }> {
  const inbox = createInbox(`_INBOX_${bus.source}`)
  const subscription = bus.nc.subscribe(inbox)
  const wish = { deliver_subject: inbox, chunk_size: CHUNK_BYTES, no_consumers: false, jsck: true }
  try {
    const head = StreamHead.parse(await asked(bus, `STREAM.SNAPSHOT.${stream}`, wish))
    return { head, chunks: chunksOf(subscription) }
  } catch (error) {
    subscription.unsubscribe()
    throw error
  }
}

/** The broker sends a window of chunks and waits for each to be answered; one without bytes is the end. */
async function* chunksOf(subscription: Subscription): AsyncGenerator<Uint8Array> {
  const messages = subscription[Symbol.asyncIterator]()
  try {
    for (;;) {
      const message = await within(messages.next())
      if (message.data.length === 0) return confirmWhole(message)
      yield message.data
      message.respond()
    }
  } finally {
    subscription.unsubscribe()
  }
}

function confirmWhole(end: Msg): void {
  const { code = 0, description = '' } = end.headers ?? {}
  if (code >= 400) throw new Error(`The broker broke off a snapshot: ${code} ${description}.`)
}

async function within(next: Promise<IteratorResult<Msg>>): Promise<Msg> {
  const { promise: silent, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('The broker fell silent in the middle of a snapshot.')), SILENCE_MS)
  try {
    const { done, value } = await Promise.race([next, silent])
    if (done) throw new Error('The connection ended in the middle of a snapshot.')
    return value
  } finally {
    clearTimeout(timer)
  }
}

/** Makes the stream anew from what `snapshotStream` gave. Rejects when there is one of its name, or the bytes are not whole. */
export async function restoreStream(bus: Bus, head: StreamHead, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const reply = await asked(bus, `STREAM.RESTORE.${head.config.name}`, head)
  const { deliver_subject: to } = z.object({ deliver_subject: z.string() }).parse(reply)
  for await (const chunk of chunks) refuseError(readJson(await bus.nc.request(to, chunk, { timeout: SILENCE_MS })))
  const restored = refuseError(readJson(await bus.nc.request(to, '', { timeout: SILENCE_MS })))
  if (isWhole(head, z.object({ state: State }).parse(restored).state)) return
  await asked(bus, `STREAM.DELETE.${head.config.name}`, '')
  throw new Error(`Of the stream ${head.config.name} a part is missing.`)
}

/** A broker of 2.9 takes what is cut off for a shorter stream. */
const isWhole = ({ state }: StreamHead, now: z.infer<typeof State>): boolean =>
  now.messages === state.messages && now.first_seq === state.first_seq && now.last_seq === state.last_seq

async function asked(bus: Bus, api: string, wish: unknown): Promise<unknown> {
  const reply = await bus.nc.request(`$JS.API.${api}`, JSON.stringify(wish), { timeout: SILENCE_MS })
  return refuseError(readJson(reply))
}

const readJson = (message: Msg): unknown => (message.data.length > 0 ? message.json() : null)

function refuseError(reply: unknown): unknown {
  const { data } = ApiError.safeParse(reply)
  if (data) throw new Error(`The broker refused: ${data.error.description}.`)
  return reply
}
