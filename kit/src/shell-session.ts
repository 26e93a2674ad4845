/** One life of a bash on a terminal of its own in the jail, from its first prompt to its end. */

import { randomBytes, randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type IPty, spawn } from 'node-pty'
import { type Jail, type JailPolicy, jailArgv, TREE_MARKER } from './jail.ts'
import { endProcess, endTree, foregroundGroup, type ProcessRef, processStart } from './process.ts'
import { type Mark, markReader, marksRc } from './shell-marks.ts'
import { makeShortTemp } from './short-temp.ts'
import { HeadAndTail, rendered } from './terminal-text.ts'

export type SessionOptions = {
  jail: Jail
  policy: JailPolicy
  cols: number
  rows: number
  /** All that a person at this terminal would see; the line that starts a command is shown as that command. */
  onScreen(text: string): void
}

/** `exitCode` null: the command was killed together with its shell. `alive`: the shell takes another command. */
export type Ended = { exitCode: number | null; alive: boolean; output: HeadAndTail }

const START_MS = 10_000
const GRACE_MS = 1000

const ENV = {
  ...{ TERM: 'xterm-256color', PAGER: 'cat', GIT_PAGER: 'cat', GIT_TERMINAL_PROMPT: '0', CI: '1' },
  ...{ DEBIAN_FRONTEND: 'noninteractive', npm_config_update_notifier: 'false' },
}

type Running = {
  command: string
  output: HeadAndTail
  started: boolean
  onOutput(text: string): void
  done(ended: Ended): void
}

/** Starts the shell; rejects with what it said if no prompt comes. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const session = new Session(options)
  await session.ready()
  return session
}

/** Opened by `openSession`, which waits for its prompt. */
export class Session {
  readonly ref: ProcessRef
  readonly #nonce = randomBytes(12).toString('hex')
  readonly #marker = randomUUID()
  readonly #dir = makeShortTemp()
  readonly #jail: Jail
  readonly #onScreen: (text: string) => void
  readonly #pty: IPty
  readonly #exit: Promise<void>
  readonly #prompt = Promise.withResolvers<void>()
  readonly #said = new HeadAndTail()
  #alive = true
  #running: Running | undefined
  /** Our own line being echoed: not shown, the command is shown in its place. */
  #echo = false
  #shellGroup: number | null = null
  #scripts = 0

  constructor(options: SessionOptions) {
    this.#jail = options.jail
    this.#onScreen = options.onScreen
    this.#pty = this.#spawn(options)
    this.ref = { pid: this.#pty.pid, start: processStart(this.#pty.pid) ?? '' }
    const read = markReader(this.#nonce, { text: (piece) => this.#text(piece), mark: (mark) => this.#mark(mark) })
    this.#pty.onData(read)
    this.#exit = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#left(signal ? null : exitCode)
        resolve()
      })
    })
  }

  get alive(): boolean {
    return this.#alive
  }

  async ready(): Promise<void> {
    const started = await within(this.#prompt.promise, START_MS)
    // Whoever could read it could print marks; bash has it by now, and nothing of the agent's ran yet.
    rmSync(join(this.#dir, 'rc'), { force: true })
    if (started && this.#alive) return
    await this.end()
    throw new Error(`The shell did not start: ${await rendered(this.#said.parts().head, 200)}`)
  }

  /** Types the command and resolves when its prompt is back, or the shell gone. One at a time. */
  run(command: string, onOutput: (text: string) => void): Promise<Ended> {
    if (!this.#alive) throw new Error('This shell has ended.')
    if (this.#running) throw new Error('A command is already running in this shell.')
    this.#scripts += 1
    const script = join(this.#dir, String(this.#scripts))
    writeFileSync(script, command)
    return new Promise((resolve) => {
      const done = (ended: Ended): void => {
        rmSync(script, { force: true })
        resolve(ended)
      }
      this.#running = { command, output: new HeadAndTail(), started: false, onOutput, done }
      this.#echo = true
      // From a file: an open quote or a line too many, typed, would leave bash waiting or answering twice. What a person left there is cleared.
      this.#pty.write(`\u0005\u0015 eval "$(<${script})"\r`)
    })
  }

  /** Ends the running command as gently as it lets us: Ctrl-C, then what holds the terminal, then the shell with all it started. */
  async interrupt(): Promise<void> {
    const running = this.#running
    if (!running) return
    const over = (): boolean => this.#running !== running
    for (let tries = 0; tries < 2; tries += 1) {
      // Twice: between two programs of a script, bash drops one.
      this.write('\u0003')
      if (await until(over, GRACE_MS / 2)) return
    }
    const group = foregroundGroup(this.ref.pid)
    if (group && this.#shellGroup && group !== this.#shellGroup) killGroup(group)
    if (await until(over, GRACE_MS)) return
    await this.end()
  }

  write(data: string): void {
    if (this.#alive) this.#pty.write(data)
  }

  resize(cols: number, rows: number): void {
    if (this.#alive) this.#pty.resize(cols, rows)
  }

  /** Ends the shell and everything started in it; resolves when that is gone. */
  async end(): Promise<void> {
    if (this.#jail.kind !== 'bubblewrap') await endTree(this.ref, `${TREE_MARKER}=${this.#marker}`)
    else await endProcess(this.ref)
    await this.#exit
  }

  #spawn({ jail, policy, cols, rows }: SessionOptions): IPty {
    writeFileSync(join(this.#dir, 'rc'), marksRc(this.#nonce), { mode: 0o600 })
    const marker = jail.kind !== 'bubblewrap' ? { [TREE_MARKER]: this.#marker } : {}
    const readable = [...(policy.readable ?? []), this.#dir]
    const inShell = { ...policy, readable, env: { ...ENV, ...marker, ...policy.env } }
    const bash = ['bash', '--noprofile', '--rcfile', join(this.#dir, 'rc'), '-i']
    const [file = '', ...args] = jailArgv(jail, inShell, bash)
    return spawn(file, args, { name: ENV.TERM, cols, rows, cwd: '/', env: {} })
  }

  #text(piece: string): void {
    if (this.#echo) return
    this.#onScreen(piece)
    if (!this.#alive) return
    this.#running?.output.add(piece)
    this.#running?.onOutput(piece)
    if (!this.#running) this.#said.add(piece)
  }

  #mark(mark: Mark): void {
    const running = this.#running
    if (mark.kind === 'running' && running && this.#echo) {
      this.#echo = false
      running.started = true
      this.#onScreen(`${running.command.replace(/\r?\n/g, '\r\n')}\r\n`)
    }
    if (mark.kind !== 'ended') return
    this.#shellGroup ??= foregroundGroup(this.ref.pid)
    this.#prompt.resolve()
    if (running?.started) this.#finish({ exitCode: mark.exitCode, alive: true })
  }

  #left(exitCode: number | null): void {
    this.#alive = false
    this.#prompt.resolve()
    this.#finish({ exitCode, alive: false })
    rmSync(this.#dir, { recursive: true, force: true })
  }

  #finish(how: { exitCode: number | null; alive: boolean }): void {
    const running = this.#running
    this.#running = undefined
    this.#echo = false
    running?.done({ ...how, output: running.output })
  }
}

function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  const stop = new AbortController()
  const late = delay(ms, false, { signal: stop.signal }).catch(() => false)
  const won = await Promise.race([promise.then(() => true), late])
  stop.abort()
  return won
}

async function until(condition: () => boolean, ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; ) {
    if (condition()) return true
    await delay(10)
  }
  return condition()
}
