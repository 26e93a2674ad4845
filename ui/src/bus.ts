/** The bus as the page hears it: STORY in order from a sequence on, over a websocket, until the connection ends. */
import { DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { wsconnect } from '@nats-io/nats-core'

export type Heard = { sequence: number; subject: string; body: unknown }

export type Listening = {
  url: string
  user: string
  password: string
  /** The first sequence wanted. */
  from: number
  signal: AbortSignal
  onMessage(heard: Heard): void
  /** All that was recorded when listening began has been heard. */
  onLive(): void
}

/** The stream is shorter than what was heard of it: it is another one. */
export class Rewound extends Error {
  override name = 'Rewound'
}

/** Resolves or rejects when the connection is gone; whoever listens again says from where. */
export async function listen(listening: Listening): Promise<void> {
  const { url, user, password, from, signal, onMessage, onLive } = listening
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
  try {
    const { state } = await (await jetstreamManager(nc, { checkAPI: false })).streams.info('STORY')
    if (state.last_seq < from - 1) throw new Rewound('The stream begins anew.')
    if (state.last_seq < from) onLive()

    const consumer = await jetstream(nc, { checkAPI: false }).consumers.get('STORY', {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      filter_subjects: 'story.>',
    })
    const messages = await consumer.consume({ max_messages: 500 })
    void nc.closed().then(() => messages.close())
    for await (const message of messages) {
      // A copy the broker was made to send is nobody's word (docs/decisions/0002-journal.md).
      if (!message.headers?.has('Nats-Stream'))
        onMessage({ sequence: message.seq, subject: message.subject, body: bodyOf(message) })
      if (message.info.pending === 0) onLive()
    }
  } finally {
    signal.removeEventListener('abort', close)
    await nc.close()
  }
}

function bodyOf(message: { json(): unknown }): unknown {
  try {
    return message.json()
  } catch {
    return null
  }
}
