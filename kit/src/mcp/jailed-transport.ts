/** MCP's stdio transport over a command in a jail. */
import type { Readable, Writable } from 'node:stream'
import { ReadBuffer, serializeMessage, type Transport } from '@modelcontextprotocol/client'
import type { Jailed } from '../jail.ts'

/** One message; a server that says more at once is cut off. */
const LARGEST_MESSAGE_BYTES = 10 * 1024 * 1024
const STDERR_CHARS = 2_000

export type JailedTransport = Transport & {
  /** The last it said beside the protocol. */
  complaint(): string
}

/** `end` ends the command and all it started; it is called when the transport closes. */
export function jailedTransport({ child, exited }: Jailed, end: () => void): JailedTransport {
  const { stdin, stdout, stderr } = child as { stdin: Writable; stdout: Readable; stderr: Readable }
  const buffer = new ReadBuffer({ maxBufferSize: LARGEST_MESSAGE_BYTES })
  let complaint = ''
  let closed = false

  function close(): void {
    if (closed) return
    closed = true
    end()
    transport.onclose?.()
  }

  const transport: JailedTransport = {
    async start() {
      stdout.on('data', read)
      stderr.setEncoding('utf8').on('data', (text: string) => {
        complaint = (complaint + text).slice(-STDERR_CHARS)
      })
      // A server that ends while it is spoken to: its exit says it, not the broken pipe.
      stdin.on('error', () => undefined)
      exited.then(close, (error: Error) => {
        transport.onerror?.(error)
        close()
      })
    },
    send: (message) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error('The server has ended.'))
        stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()))
      }),
    async close() {
      close()
      await exited.catch(() => undefined)
    },
    complaint: () => complaint.trim(),
  }

  function read(chunk: Buffer): void {
    try {
      buffer.append(chunk)
    } catch (error) {
      transport.onerror?.(error as Error)
      close()
      return
    }
    for (;;) {
      try {
        const message = buffer.readMessage()
        if (message === null) return
        transport.onmessage?.(message)
      } catch (error) {
        // One line that is no message: what follows may be.
        transport.onerror?.(error as Error)
      }
    }
  }
  return transport
}
