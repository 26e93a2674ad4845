/** A wire between one service and the broker that sees every publish, and can kill whoever publishes before or after it. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What passes: a publish of the service, or a message that is delivered to it. */
export type Passing = { direction: 'out' | 'in'; subject: string; reply: string | null }

/**
 * Called for every message before it is forwarded. `drop` forwards nothing more in either direction: the process is
 * about to be killed and neither its word nor the broker's answer may get through.
 */
export type Watch = (passing: Passing) => 'pass' | 'drop' | 'drop-answer'

export type Wire = AsyncDisposable & { url: string }

/** `broker` is asked for its address at each connection. Speaks for nobody, understands the client protocol of NATS (docs.nats.io/reference/nats-protocol) just enough to see messages. */
export async function openWire(broker: () => string, watch: Watch): Promise<Wire> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const [host, port] = broker().split(':')
    const upstream = connect(Number(port), host)
    const both = [client, upstream]
    const end = () => {
      for (const socket of both) socket.destroy()
    }
    for (const socket of both) open.add(socket.on('error', end).on('close', end))
    let cut: 'none' | 'answers' | 'all' = 'none'

    const out = messageScanner('out', (passing) => {
      const verdict = watch(passing)
      if (verdict === 'drop') cut = 'all'
      if (verdict === 'drop-answer') cut = 'answers'
      return cut !== 'all'
    })
    const into = messageScanner('in', (passing) => watch(passing) === 'pass' && cut === 'none')
    client.on('data', (chunk) => cut !== 'all' && upstream.write(out(chunk)))
    upstream.on('data', (chunk) => cut === 'none' && client.write(into(chunk)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

const LINE = Buffer.from('\r\n')

/**
 * Returns the bytes to forward of each chunk. Whole protocol lines and payloads are held back until they are complete,
 * so that a message is forwarded wholly or not at all.
 */
export function messageScanner(
  direction: 'out' | 'in',
  allow: (passing: Passing) => boolean,
): (chunk: Buffer) => Buffer {
  let held = Buffer.alloc(0)
  let allowed = true

  return (chunk) => {
    held = Buffer.concat([held, chunk])
    let done = 0
    for (;;) {
      const end = held.indexOf(LINE, done)
      if (end < 0 || !allowed) break
      const line = held.toString('latin1', done, end)
      const message = messageIn(line)
      const next = end + 2 + (message ? message.bytes + 2 : 0)
      if (next > held.length) break
      if (message) allowed = allow({ direction, subject: message.subject, reply: message.reply })
      if (allowed) done = next
    }
    const forward = held.subarray(0, done)
    held = held.subarray(done)
    return forward
  }
}

/** `PUB s [r] n` · `HPUB s [r] h n` · `MSG s sid [r] n` · `HMSG s sid [r] h n` */
function messageIn(line: string): { subject: string; reply: string | null; bytes: number } | null {
  const [op = '', subject = '', ...rest] = line.trim().split(/\s+/)
  const fixed = { PUB: 1, HPUB: 2, MSG: 2, HMSG: 3 }[op.toUpperCase()]
  if (fixed === undefined) return null
  const reply = rest.length > fixed ? (rest[op.toUpperCase().endsWith('MSG') ? 1 : 0] ?? null) : null
  return { subject, reply, bytes: Number(rest.at(-1)) }
}
