/** The command that is tried, started as `sluice up` would start it: in its environment, a group of its own, a pipe for its input. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as after } from 'node:timers/promises'

export type Occupant = AsyncDisposable & {
  /** Why it is not running any more; null while it is. */
  ended(): string | null
  /** Told to leave; whether it did in time. Whatever is left of its group is killed. */
  leave(graceMs: number): Promise<boolean>
}

/** What it wrote last, to be told when it fails. */
const KEPT_LINES = 5

export function startOccupant(command: readonly string[], env: Record<string, string>): Occupant {
  const [file = '', ...args] = command
  const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  child.stdin.on('error', () => undefined)
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line) > KEPT_LINES && lines.shift())
  let why: string | null = null
  const gone = once(child, 'exit').then(
    ([code, signal]) => {
      why = [`It ended with ${signal ?? `code ${code}`}.`, ...lines].join('\n')
    },
    (error: Error) => {
      why = `${file} cannot be started: ${error.message}.`
    },
  )

  async function leave(graceMs: number): Promise<boolean> {
    end('SIGTERM')
    const inTime = await Promise.race([gone.then(() => true), after(graceMs, false, { ref: false })])
    end('SIGKILL')
    await gone
    return inTime
  }

  /** All of its group: a wrapper passes no signal on. */
  function end(signal: NodeJS.Signals): void {
    try {
      if (child.pid) process.kill(-child.pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  return {
    ended: () => why,
    leave,
    async [Symbol.asyncDispose]() {
      end('SIGKILL')
      await gone
    },
  }
}
