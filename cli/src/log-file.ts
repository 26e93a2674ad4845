/** The log of one process: appended to, and put aside when it has grown large. */
import { createWriteStream, renameSync, statSync, type WriteStream } from 'node:fs'

const LARGE_BYTES = 20 << 20

export function openLogFile(file: string): AsyncDisposable & { stream: WriteStream } {
  if (sizeOf(file) > LARGE_BYTES) renameSync(file, `${file}.old`)
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 })
  // A full disk costs the log, not the service.
  stream.on('error', () => undefined)
  return {
    stream,
    [Symbol.asyncDispose]: () => new Promise((resolve) => stream.end(() => resolve())),
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
