/** Set-up commands and checks: one shell line run to its end in the jail, its whole log on disk as evidence. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import type { Readable } from 'node:stream'
import { type Jail, type JailPolicy, spawnJailed } from './jail.ts'

export type ExecOptions = {
  timeoutMs: number
  /** Where the log goes; an existing file is replaced. */
  logFile: string
  /** Beyond this the log ends with a note and the command runs on. Default 16 MB. */
  maxLogBytes?: number
  /** Ends the command and everything it started; the call then rejects with the signal's reason. */
  signal?: AbortSignal
  onStart?: (pid: number, start: string) => unknown
}

export type Executed = {
  /** 128 + n for a command that signal n ended, as shells say it; null if it was ended for its time. */
  exitCode: number | null
  timedOut: boolean
  seconds: number
  /** Digest and size are those of the file; `tail` is the last 4 kB the command said, past the limit too. */
  log: { path: string; sha256: string; bytes: number; tail: string }
}

const TAIL_BYTES = 4096
const DRAIN_MS = 1000

/** Runs one line of bash. Resolves when the command itself ends: what it left in the background ends with it. */
export async function runJailed(
  jail: Jail,
  policy: JailPolicy,
  command: string,
  options: ExecOptions,
): Promise<Executed> {
  const began = performance.now()
  const timeout = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
  using log = openLog(options.logFile, options.maxLogBytes ?? 16 * 1024 * 1024)

  // Both streams are joined inside: two pipes would lose the order of their lines. The second one carries what bwrap itself says.
  const argv = ['bash', '-c', 'exec 2>&1; exec bash -c "$0"', command]
  const { child, ref, exited } = spawnJailed(jail, policy, argv, { stdio: ['ignore', 'pipe', 'pipe'], signal })
  const streams = [child.stdout, child.stderr].flatMap((stream) => stream?.on('data', log.add) ?? [])
  if (ref.pid) options.onStart?.(ref.pid, ref.start)
  const { code, signal: killedBy } = await exited
  await Promise.all(streams.map(drained))

  options.signal?.throwIfAborted()
  const seconds = (performance.now() - began) / 1000
  const written = log.end()
  if (code !== 0 && /^(bwrap|seatbelt|sandbox-exec): /.test(written.tail))
    throw new Error(`The jail did not start: ${written.tail.trim()}`)
  if (killedBy === null) return { exitCode: code, timedOut: false, seconds, log: written }
  if (timeout.aborted) return { exitCode: null, timedOut: true, seconds, log: written }
  // bwrap hands on how its command died; dying itself means somebody ended the jail, which says nothing about the command.
  if (jail.kind === 'bubblewrap') throw new Error(`The jail was ended from outside (${killedBy}).`)
  return { exitCode: 128 + constants.signals[killedBy], timedOut: false, seconds, log: written }
}

/** All writers are gone; only where there is no jail may one have escaped that still holds the pipe. */
async function drained(stream: Readable): Promise<void> {
  if (stream.closed) return
  const late = setTimeout(() => stream.destroy(), DRAIN_MS)
  await once(stream, 'close')
  clearTimeout(late)
}

function openLog(path: string, maxBytes: number): Disposable & { add(chunk: Buffer): void; end(): Executed['log'] } {
  const fd = openSync(path, 'w', 0o600)
  const hash = createHash('sha256')
  let bytes = 0
  let leftOut = 0
  let tail = Buffer.alloc(0)
  const write = (chunk: Buffer): void => {
    // A disk that is full is told by this throwing, not by a log that ends early.
    for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
    hash.update(chunk)
    bytes += chunk.length
  }
  return {
    add(chunk) {
      const kept = chunk.subarray(0, Math.max(0, maxBytes - bytes))
      write(kept)
      leftOut += chunk.length - kept.length
      tail = Buffer.concat([tail, chunk.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES)
    },
    end() {
      if (leftOut > 0) write(Buffer.from(`\n[The log ends here: ${leftOut} more bytes were left out.]\n`))
      return { path, sha256: hash.digest('hex'), bytes, tail: tail.toString('utf8') }
    },
    [Symbol.dispose]: () => closeSync(fd),
  }
}
