/** The way into a jail: a socket on which the forwarder inside waits to be asked for a port of its loopback. Nothing of a worktree is opened. */
import { once } from 'node:events'
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { makeShortTemp } from '../short-temp.ts'

export type Inlet = AsyncDisposable & {
  /** To be bound into the jail. */
  path: string
  /** A connection to that port of a jail's loopback; rejects with `NobodyListens` when no jail has anybody there. */
  connect(port: number): Promise<Socket>
}

/** Nobody listens on that port, or no jail is there at all: it may come up yet. */
export class NobodyListens extends Error {
  override name = 'NobodyListens'
}

/** Beyond these, connections of one jail that wait are closed: they are its to open and ours to hold. */
const MOST_WAITING = 8
const LONGEST_NAME = 64
const ANSWER_MS = 10_000
/** The forwarder puts another connection in the place of one that was taken: a moment of none is no answer. */
const SPARE_MS = 1_000

export async function openInlet(): Promise<Inlet> {
  const dir = makeShortTemp()
  const path = join(dir, 'inlet.sock')
  const open = new Set<Socket>()
  const waiting = new Map<string, Socket[]>()
  /** Connections of a jail that are open, waiting or not. */
  const known = new Map<string, number>()
  let arrived = Promise.withResolvers<void>()

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => open.delete(socket))
    firstLine(socket, (jail) => {
      const those = waiting.get(jail) ?? []
      if (those.length >= MOST_WAITING) return void socket.destroy()
      known.set(jail, (known.get(jail) ?? 0) + 1)
      socket.once('close', () => forget(jail))
      // The newest jail first: it is asked before one that is about to end.
      waiting.delete(jail)
      waiting.set(jail, [...those, socket])
      socket.once('close', () => leave(jail, socket))
      arrived.resolve()
      arrived = Promise.withResolvers<void>()
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  chmodSync(path, 0o600)

  function leave(jail: string, socket: Socket): void {
    const left = (waiting.get(jail) ?? []).filter((one) => one !== socket)
    if (left.length > 0) waiting.set(jail, left)
    else waiting.delete(jail)
  }
  function forget(jail: string): void {
    const left = (known.get(jail) ?? 1) - 1
    if (left > 0) known.set(jail, left)
    else known.delete(jail)
  }
  function take(jail: string): Socket | undefined {
    const socket = waiting.get(jail)?.[0]
    if (socket) leave(jail, socket)
    return socket
  }

  return {
    path,
    async connect(port) {
      const tried = new Set<string>()
      const late = AbortSignal.timeout(SPARE_MS)
      for (;;) {
        const jail = [...waiting.keys()].reverse().find((name) => !tried.has(name))
        const socket = jail === undefined ? undefined : take(jail)
        if (jail === undefined || !socket) {
          const all = known.size > 0 && [...known.keys()].every((name) => tried.has(name))
          if (all || late.aborted) throw new NobodyListens(`Nobody listens on port ${port}.`)
          await Promise.race([arrived.promise, once(late, 'abort')])
        } else if (await answers(socket, port)) return socket
        else tried.add(jail)
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** What a jail calls itself; whoever says more than a name is no forwarder of ours. */
function firstLine(socket: Socket, told: (line: string) => void): void {
  let said = ''
  socket.on('data', function read(chunk: Buffer) {
    said += chunk.toString('latin1')
    if (said.length > LONGEST_NAME) return void socket.destroy()
    if (!said.endsWith('\n')) return
    socket.off('data', read)
    told(said.trim())
  })
}

/** Asks for the port; the first byte back says whether somebody is there. */
function answers(socket: Socket, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const done = (there: boolean): void => {
      clearTimeout(late)
      socket.off('readable', read).off('close', gone).off('end', gone)
      if (!there) socket.destroy()
      resolve(there)
    }
    const gone = (): void => done(false)
    const read = (): void => {
      const byte = socket.read(1) as Buffer | null
      if (byte) done(byte.toString() === '+')
    }
    const late = setTimeout(gone, ANSWER_MS)
    socket.on('readable', read).once('close', gone).once('end', gone)
    socket.write(`${port}\n`)
  })
}
