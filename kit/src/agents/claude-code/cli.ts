/** One life of a program on a terminal of its own in the jail: what it shows, what is typed into it, and its end with all it started. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import headless from '@xterm/headless'
import { spawn } from 'node-pty'
import { type Jail, type JailPolicy, jailArgv, TREE_MARKER } from '../../jail.ts'
import type { TerminalSize } from '../../live-terminal.ts'
import { endProcess, endTree, type ProcessRef, processStart } from '../../process.ts'

export type CliOptions = TerminalSize & {
  jail: Jail
  policy: JailPolicy
  command: string[]
  /** All that a person at this terminal would see. */
  onScreen(text: string): void
  /** Bytes came: it is alive. */
  onStart(pid: number, start: string): void
}

export type Cli = {
  readonly alive: boolean
  /** Resolves with its exit code once it is gone; null when a signal ended it. */
  exited: Promise<number | null>
  /** Types words and sends them. */
  say(words: string): Promise<void>
  /** Keys as a person presses them. */
  keys(data: string): void
  /** The screen as it is read, without blank lines at its end. */
  screen(): Promise<string>
  end(): Promise<void>
}

/** What looks pasted is marked as somebody else's words: so it is typed, in pieces no longer than a hand would. */
const TYPED_CHARS = 40
const BETWEEN_MS = 5
/** A program that draws its input takes a moment to have it. */
const SETTLE_MS = 150
const CTRL_J = '\n'

export function startCli({ jail, policy, command, cols, rows, onScreen, onStart }: CliOptions): Cli {
  const marker = randomUUID()
  const marked = jail.kind !== 'bubblewrap' ? { ...policy.env, [TREE_MARKER]: marker } : policy.env
  const [file = '', ...args] = jailArgv(jail, { ...policy, ...(marked && { env: marked }) }, command)
  const pty = spawn(file, args, { name: 'xterm-256color', cols, rows, cwd: '/', env: {} })
  const ref: ProcessRef = { pid: pty.pid, start: processStart(pty.pid) ?? '' }
  onStart(ref.pid, ref.start)

  const terminal = new headless.Terminal({ cols, rows, scrollback: 0, allowProposedApi: true })
  let alive = true
  const write = (data: string) => void (alive && pty.write(data))
  pty.onData((data) => {
    terminal.write(data)
    onScreen(data)
  })
  // It asks the terminal what it can do, and waits for the answer.
  terminal.onData(write)
  const exited = new Promise<number | null>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      alive = false
      resolve(signal ? null : exitCode)
    })
  })

  return {
    get alive() {
      return alive
    },
    exited,
    keys: write,
    async say(words) {
      const lines = printable(words).split('\n')
      for (const [i, line] of lines.entries()) {
        if (i > 0) write(CTRL_J)
        for (let at = 0; at < line.length; at += TYPED_CHARS) {
          write(line.slice(at, at + TYPED_CHARS))
          await delay(BETWEEN_MS)
        }
      }
      // A blank ends what might be a name it offers to complete.
      write(' ')
      await delay(SETTLE_MS)
      write('\r')
    },
    async screen() {
      await new Promise<void>((resolve) => terminal.write('', resolve))
      const { active } = terminal.buffer
      const lines = Array.from({ length: rows }, (_, y) =>
        active.getLine(active.viewportY + y)?.translateToString(true),
      )
      return lines
        .map((line) => line ?? '')
        .join('\n')
        .trimEnd()
    },
    async end() {
      if (jail.kind !== 'bubblewrap') await endTree(ref, `${TREE_MARKER}=${marker}`)
      else await endProcess(ref)
      await exited
      terminal.dispose()
    },
  }
}

/** Keys that do something are no words. */
const printable = (words: string): string =>
  words
    .replace(/\r\n?/g, '\n')
    .replaceAll('\t', '    ')
    .replace(/(?!\n)\p{Cc}/gu, '')
