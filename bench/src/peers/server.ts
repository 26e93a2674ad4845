/** A server of a peer: started in a directory of its own, waited for, gone with the bench. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'

export type Server = AsyncDisposable & { pid: number; dir: string }

type Wanted = {
  command(dir: string): [program: string, ...args: string[]]
  env?(dir: string): Record<string, string>
  /** Resolves true once it answers. */
  isUp(dir: string): Promise<boolean>
}

const START_MS = 60_000

export async function startServer({ command, env, isUp }: Wanted): Promise<Server> {
  const dir = await mkdtemp(join(tmpdir(), 'slc-peer-'))
  const log = openSync(join(dir, 'server.log'), 'a')
  const [program, ...args] = command(dir)
  const child = spawn(program, args, { cwd: dir, env: { ...process.env, ...env?.(dir) }, stdio: ['ignore', log, log] })
  let broken: Error | undefined
  child.once('error', (error) => {
    broken = error
  })
  const server: Server = {
    pid: child.pid ?? 0,
    dir,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null && child.pid) {
        const gone = once(child, 'exit')
        child.kill('SIGTERM')
        await gone
      }
      await rm(dir, { recursive: true, force: true })
    },
  }
  const until = Date.now() + START_MS
  while (!(await isUp(dir).catch(() => false))) {
    if (!broken && child.exitCode === null && Date.now() < until) await after(100)
    else {
      const said = await readFile(join(dir, 'server.log'), 'utf8')
      await server[Symbol.asyncDispose]()
      throw broken ?? new Error(`${program} did not start: ${said.trim().split('\n').at(-1)}`)
    }
  }
  return server
}
