/** The bus as the page hears it over a websocket: streams in order, subjects as they are said, until the connection ends. */
import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type NatsConnection, wsconnect } from '@nats-io/nats-core'

export type Heard = { sequence: number; subject: string; body: unknown }

export type Following = {
  stream: string
  filter: string
  /** Every message there is, or the last of each subject; then whatever comes. */
  from: 'first' | 'latest'
  onMessage(heard: Heard): void
  /** All that was there when following began has been heard. */
  onCaughtUp(): void
}

export type Connected = {
  /** What goes wrong with it ends the connection. */
  follow(following: Following): () => void
  /** What is said and stored nowhere. */
  watch(subject: string, hear: (subject: string, body: unknown) => void): () => void
  lastSequence(stream: string): Promise<number>
}

export type Listening = {
  url: string
  user: string
  password: string
  signal: AbortSignal
  onOpen(connected: Connected): void
}

/** Resolves or rejects when the connection is gone; whoever wants another asks again. */
export async function listen({ url, user, password, signal, onOpen }: Listening): Promise<void> {
  const nc = await wsconnect({
    servers: url,
    user,
    pass: password,
    name: user,
    inboxPrefix: `_INBOX_${user}`,
    timeout: 5_000,
    // One loop reconnects, the caller's: it also asks for the password anew, which a restart changes.
    reconnect: false,
    pingInterval: 5_000,
    maxPingOut: 2,
  })
  const close = () => void nc.close()
  signal.addEventListener('abort', close, { once: true })
  if (signal.aborted) close()
  const { promise: broken, reject: breaks } = Promise.withResolvers<never>()
  try {
    onOpen(connectedOver(nc, breaks))
    await Promise.race([broken, nc.closed()])
  } catch (error) {
    // Closed by whoever listens: whatever was under way then has nothing to say.
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', close)
    await nc.close()
  }
}

function connectedOver(nc: NatsConnection, breaks: (error: unknown) => void): Connected {
  return {
    follow(following) {
      const stop = new AbortController()
      follow(nc, following, stop.signal).catch((error: unknown) => {
        if (!stop.signal.aborted) breaks(error)
      })
      return () => stop.abort()
    },
    watch(subject, hear) {
      const subscription = nc.subscribe(subject, {
        callback: (error, message) => (error ? breaks(error) : hear(message.subject, bodyOf(message))),
      })
      return () => subscription.unsubscribe()
    },
    lastSequence: async (stream) =>
      (await (await jetstreamManager(nc, { checkAPI: false })).streams.info(stream)).state.last_seq,
  }
}

async function follow(nc: NatsConnection, following: Following, signal: AbortSignal): Promise<void> {
  const { stream, filter, from, onMessage, onCaughtUp } = following
  const consumer = await jetstream(nc, { checkAPI: false }).consumers.get(stream, {
    deliver_policy: from === 'first' ? DeliverPolicy.All : DeliverPolicy.LastPerSubject,
    filter_subjects: filter,
  })
  let isBehind = (await consumer.info()).num_pending > 0
  if (signal.aborted) return
  if (!isBehind) onCaughtUp()

  const messages = await consumer.consume({ max_messages: 500 })
  const stop = () => void messages.close()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  void nc.closed().then(stop)
  for await (const message of messages) {
    // A copy the broker was made to send is nobody's word (docs/decisions/0002-journal.md).
    if (!message.headers?.has('Nats-Stream'))
      onMessage({ sequence: message.seq, subject: message.subject, body: bodyOf(message) })
    if (isBehind && message.info.pending === 0) {
      isBehind = false
      onCaughtUp()
    }
  }
}

function bodyOf(message: { json(): unknown }): unknown {
  try {
    return message.json()
  } catch {
    return null
  }
}
