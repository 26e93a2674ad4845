/** The shell an agent works in: one bash in the jail that keeps its directory and variables from command to command, recorded as it goes. */
import type { CastWriter } from './cast.ts'
import type { Jail, JailPolicy } from './jail.ts'
import { redact } from './log.ts'
import { redacting } from './redacting.ts'
import { openSession, type Session } from './shell-session.ts'
import { readable } from './terminal-text.ts'

export type ShellOptions = {
  jail: Jail
  policy: JailPolicy
  cast: CastWriter
  /** Shown as it is recorded: without secrets. */
  live?: { output(text: string): void; resize(cols: number, rows: number): void } | null
  cols?: number
  rows?: number
  /** Characters of rendered output a command gives back at most. Default 16,000: the whole of it can be asked for. */
  maxOutputChars?: number
  /** Called for each bash started, the first and every one after it: what has to be ended if this process dies. */
  onStart?: (pid: number, start: string) => void
}

export type ShellRun = {
  /** As read on the screen, cut in its middle; lines in brackets are the shell's owner speaking. */
  output: string
  /** Null when the command did not end by itself and took its shell along. */
  exitCode: number | null
  timedOut: boolean
  truncated: boolean
  seconds: number
}

export type RunOptions = { timeoutMs: number; signal?: AbortSignal; onOutput?: (text: string) => void }

export type Shell = AsyncDisposable & {
  /** Of the bash that runs now. */
  readonly pid: number
  readonly start: string
  /** Runs a script of any shape. After `timeoutMs`, or when `signal` aborts, it is ended; what runs in the background goes on unless the shell had to go. */
  run(command: string, options: RunOptions): Promise<ShellRun>
  /** Keys for the program that is running. */
  write(data: string): void
  resize(cols: number, rows: number): void
}

const NEW_SHELL = '[The shell had ended. This is a new one: variables, directory and background processes are gone.]'

/** Opens it, and waits for its first prompt. */
export async function openShell(options: ShellOptions): Promise<Shell> {
  let { cols = 120, rows = 36 } = options
  const { cast, live, maxOutputChars = 16_000 } = options
  const screen = redacting((text) => {
    cast.output(text)
    live?.output(text)
  })
  const open = async (): Promise<Session> => {
    const { jail, policy } = options
    const opened = await openSession({ jail, policy, cols, rows, onScreen: screen.add })
    options.onStart?.(opened.ref.pid, opened.ref.start)
    return opened
  }
  let session = await open()
  let busy = false

  const runOnce = async (command: string, { timeoutMs, signal, onOutput }: RunOptions): Promise<ShellRun> => {
    signal?.throwIfAborted()
    const fresh = !session.alive
    if (fresh) session = await open()
    screen.flush()
    cast.marker(redact(firstLine(command)))
    const began = performance.now()
    const limit = stopAfter(session, timeoutMs, signal)
    const ended = await session.run(command, onOutput ?? (() => {}))
    const timedOut = await limit.lift()
    const { text, truncated } = await readable(ended.output, { cols, maxChars: maxOutputChars })
    const notes = { before: fresh ? NEW_SHELL : '', after: endNote(ended.alive, timedOut ? timeoutMs : undefined) }
    const output = [notes.before, text, notes.after].filter(Boolean).join('\n')
    return { output, exitCode: ended.exitCode, timedOut, truncated, seconds: (performance.now() - began) / 1000 }
  }

  return {
    get pid() {
      return session.ref.pid
    },
    get start() {
      return session.ref.start
    },
    async run(command, runOptions) {
      if (busy) throw new Error('A command is already running in this shell.')
      busy = true
      try {
        return await runOnce(command, runOptions)
      } finally {
        busy = false
      }
    },
    write: (data) => session.write(data),
    resize(newCols, newRows) {
      ;[cols, rows] = [newCols, newRows]
      session.resize(cols, rows)
      cast.resize(cols, rows)
      live?.resize(cols, rows)
    },
    async [Symbol.asyncDispose]() {
      await session.end()
      screen.flush()
    },
  }
}

/** Interrupts what runs in the session at the time limit or when told to; `lift` says whether the limit was what ended it. */
function stopAfter(session: Session, timeoutMs: number, signal: AbortSignal | undefined): { lift(): Promise<boolean> } {
  let timedOut = false
  let stopping: Promise<void> | undefined
  const stop = (): void => {
    stopping ??= session.interrupt()
  }
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, timeoutMs)
  signal?.addEventListener('abort', stop, { once: true })
  return {
    async lift() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', stop)
      await stopping
      return timedOut
    },
  }
}

function endNote(alive: boolean, timeoutMs: number | undefined): string {
  const stopped = timeoutMs === undefined ? '' : `Stopped after ${timeoutMs / 1000} s.`
  const gone = alive ? '' : 'The shell has ended; the next command starts in a new one.'
  const said = [stopped, gone].filter(Boolean).join(' ')
  return said && `[${said}]`
}

const firstLine = (command: string): string => (command.trim().split('\n')[0] ?? '').slice(0, 200)
