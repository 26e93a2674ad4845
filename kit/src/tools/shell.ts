/** The tools of the shell: commands in one persistent terminal inside the jail, what they printed, and what runs behind them. */
import { z } from 'zod'
import { type AnyTool, defineTool, type ToolResult } from '../agent.ts'
import type { Shell, ShellRun } from '../shell.ts'
import { terminalPage } from '../terminal-page.ts'
import type { Outputs } from './outputs.ts'
import type { Renderer } from './render.ts'
import { textSearch } from './search.ts'

const DEFAULT_SECONDS = 120
const LONGEST_SECONDS = 900
const DEFAULT_LINES = 200
const MOST_LINES = 1_000
const MOST_BYTES = 28_000
const FIRST_LOOK_MS = 50
const LAST_LOOK_MS = 1_000

/** What the tools need of a shell. */
export type Terminal = Pick<Shell, 'run' | 'pid'>

export type ShellTools = {
  /** Called on first use. */
  open(): Promise<Terminal>
  /** An earlier attempt of this run had a shell of its own, and the model is told it is gone. */
  renewed: boolean
  outputs: Outputs
  /** Draws what was printed; without one there are no pictures. */
  browser?: Renderer
  /** Tells people what runs in the background. */
  note?(note: { type: 'background'; text: string }): Promise<void>
}

export function shellTools(options: ShellTools): AnyTool[] {
  const desk = openDesk(options)
  const pictures = options.browser ? [pictureTool(desk, options.browser)] : []
  return [shellTool(desk), outputTool(desk), stopTool(desk), ...pictures]
}

type Background = { pid: number; shell: number; seen: number }

/** What the three share: the shell, and what it was told to run behind it. */
function openDesk({ open, renewed, outputs, note }: ShellTools) {
  let opened: Promise<Terminal> | null = null
  let tell = renewed
  return {
    ...{ outputs, note },
    background: new Map<number, Background>(),
    lastNumber: () => outputs.last(),
    /** A shell that could not be opened is opened again by the next call. */
    shell(): Promise<Terminal> {
      opened ??= open().catch((error: unknown) => {
        opened = null
        throw error
      })
      return opened
    },
    /** What is to be said once of a shell that another attempt had. */
    news(): string {
      const news = tell ? '[The shell is new: directory, variables and background commands are as at the start.]\n' : ''
      tell = false
      return news
    },
  }
}

type Desk = ReturnType<typeof openDesk>

const say = (text: string, ok = true): ToolResult => ({ ok, content: [{ type: 'text', text }] })

const shellTool = (desk: Desk): AnyTool =>
  defineTool({
    name: 'shell',
    description:
      'Runs a command in a persistent shell (bash) at the root of the project and gives its output and exit code. Directory and variables ' +
      'stay from call to call. Nobody can answer it: use flags that ask nothing. There is no network but the package registry. With ' +
      '`background` it returns at once: for servers and watchers, whose output `shell_output` gives and which `shell_stop` ends.',
    input: z.object({
      command: z.string().min(1),
      timeoutSeconds: z.int().positive().max(LONGEST_SECONDS).optional().describe(`default ${DEFAULT_SECONDS}`),
      background: z.boolean().optional(),
    }),
    readOnly: false,
    hand: true,
    stateful: true,
    title: ({ command, background }) =>
      `${(command.split('\n')[0] ?? '').slice(0, 200)}${background ? ' (in the background)' : ''}`,
    run: ({ command, timeoutSeconds = DEFAULT_SECONDS, background = false }, { signal }) =>
      background ? startBehind(desk, command, signal) : runInFront(desk, { command, timeoutSeconds, signal }),
  })

type Command = { command: string; timeoutSeconds: number; signal: AbortSignal }

async function runInFront(desk: Desk, { command, timeoutSeconds, signal }: Command): Promise<ToolResult> {
  const shell = await desk.shell()
  const id = desk.outputs.next()
  using kept = desk.outputs.keep(id)
  const ended = await shell.run(command, { timeoutMs: timeoutSeconds * 1000, signal, onOutput: kept.add })
  const { exitCode } = ended
  const whole = ended.truncated ? `\n[output ${id}: shell_output gives the part you need, by line or by pattern]` : ''
  const text = `${desk.news()}${ended.output}${whole}\n[${endOf(ended, timeoutSeconds)}]`
  return { ...say(text, exitCode === 0), ...(exitCode === null ? {} : { exitCode }) }
}

function endOf({ exitCode, timedOut }: Pick<ShellRun, 'exitCode' | 'timedOut'>, seconds: number): string {
  if (timedOut) return `stopped after ${seconds} s; what is meant to go on runs with \`background\``
  return exitCode === null ? 'ended with its shell; the next command has a new one' : `exit code ${exitCode}`
}

/** In a process group of its own, with a log of its own: it outlives the call, not the shell. */
async function startBehind(desk: Desk, command: string, signal: AbortSignal): Promise<ToolResult> {
  const shell = await desk.shell()
  const id = desk.outputs.next()
  const { script, log, exit } = desk.outputs.background(id, command)
  const line = (command.split('\n')[0] ?? '').slice(0, 200)
  const started = await shell.run(
    `# in the background, ${id}: ${line}\n` +
      `( trap 'echo $? >${exit}' EXIT; . ${script} ) </dev/null >${log} 2>&1 & { disown; echo "pid=$!"; }`,
    { timeoutMs: 10_000, signal },
  )
  const pid = Number(/pid=(\d+)/.exec(started.output)?.[1])
  if (started.exitCode !== 0 || !pid) return say(`It did not start: ${started.output}`, false)
  desk.background.set(id, { pid, shell: shell.pid, seen: 0 })
  await desk.note?.({ type: 'background', text: `Runs in the background, ${id}: ${line}` })
  return say(`${desk.news()}Runs in the background, number ${id}. Read it with shell_output, end it with shell_stop.`)
}

// ── what was printed ─────────────────────────────────────────────────────────

const outputTool = (desk: Desk): AnyTool =>
  defineTool({
    name: 'shell_output',
    description:
      'Gives what a command printed, by its number: of one in the background what is new since you last looked, and how it stands; of one ' +
      'whose output was cut the lines you ask for. `waitFor` waits until a line matches (a server that says it listens).',
    input: z.object({
      number: z.int().positive(),
      from: z.int().positive().optional().describe('first line, from 1'),
      lines: z.int().positive().max(MOST_LINES).optional().describe(`default ${DEFAULT_LINES}`),
      pattern: z.string().min(1).optional().describe('only lines that match this regular expression (JavaScript)'),
      waitFor: z.string().min(1).optional().describe('regular expression (JavaScript)'),
      waitSeconds: z.int().positive().max(600).optional().describe('default 30'),
    }),
    // It stands in order with the commands it is about.
    readOnly: false,
    repeatable: true,
    hand: true,
    title: ({ number, waitFor }) => `output ${number}${waitFor ? `, until /${waitFor}/` : ''}`,
    async run({ number, from, lines = DEFAULT_LINES, pattern, waitFor, waitSeconds = 30 }, { signal }) {
      const behind = desk.background.get(number)
      const start = from ?? (behind ? behind.seen + 1 : 1)
      const waited = waitFor ? await waitIn(desk, { number, start, waitFor, ms: waitSeconds * 1000, signal }) : ''
      const all = await desk.outputs.lines(number)
      const wanted = all.flatMap((text, i) => (i + 1 >= start ? [{ line: i + 1, text }] : []))
      const matching = pattern ? only(wanted, pattern) : wanted
      const { shown, next } = fitting(matching, lines)
      if (behind && !pattern) behind.seen = shown.at(-1)?.line ?? behind.seen
      const rest = next ? `[${matching.length - shown.length} more lines, from line ${next}; ${all.length} in all]` : ''
      const text = shown.map(({ line, text }) => `${String(line).padStart(6)}\t${text}`)
      const stands = await standing(desk, number)
      return say(
        [...text, ...(text.length === 0 ? ['(nothing new)'] : []), rest, waited, stands].filter(Boolean).join('\n'),
      )
    },
  })

type Line = { line: number; text: string }

function only(lines: Line[], pattern: string): Line[] {
  const hits = new Set(textSearch(pattern)(lines.map(({ text }) => text).join('\n')))
  return lines.filter((_, i) => hits.has(i + 1))
}

/** As many as asked for, and as a model is given at once. */
function fitting(lines: Line[], most: number): { shown: Line[]; next: number | undefined } {
  let bytes = 0
  const shown: Line[] = []
  for (const { line, text } of lines.slice(0, most)) {
    const cut = text.length > 2_000 ? `${text.slice(0, 2_000)}…` : text
    bytes += Buffer.byteLength(cut) + 8
    if (bytes > MOST_BYTES) break
    shown.push({ line, text: cut })
  }
  return { shown, next: lines[shown.length]?.line }
}

async function waitIn(
  desk: Desk,
  wait: { number: number; start: number; waitFor: string; ms: number; signal: AbortSignal },
): Promise<string> {
  const { number, start, waitFor, ms, signal } = wait
  // Less and less often: a log is read whole each time.
  let rest = FIRST_LOOK_MS
  for (const deadline = Date.now() + ms; ; await pause(rest, signal)) {
    rest = Math.min(LAST_LOOK_MS, rest * 1.5)
    // Looked at before the lines are: what it printed last is there when its end is.
    const ended = !(await runs(desk, number))
    const lines = (await desk.outputs.lines(number)).slice(start - 1)
    if (textSearch(waitFor)(lines.join('\n')).length > 0) return ''
    if (ended) return `[it ended, and no line matches ${waitFor}]`
    if (Date.now() >= deadline) return `[no line matches ${waitFor} after ${ms / 1000} s]`
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** Only what this process started can still run: the shell of an earlier attempt is gone with all it held. */
async function runs(desk: Desk, number: number): Promise<boolean> {
  const behind = desk.background.get(number)
  if (!behind || (await desk.outputs.exitCode(number)) !== null) return false
  return (await desk.shell()).pid === behind.shell
}

async function standing(desk: Desk, number: number): Promise<string> {
  const exitCode = await desk.outputs.exitCode(number)
  if (exitCode !== null) return `[ended with exit code ${exitCode}]`
  if (!desk.background.has(number)) return ''
  return (await runs(desk, number)) ? '[it runs]' : '[it ended with its shell]'
}

const stopTool = (desk: Desk): AnyTool =>
  defineTool({
    name: 'shell_stop',
    description: 'Ends a command that runs in the background, with all it started.',
    input: z.object({ number: z.int().positive() }),
    readOnly: false,
    hand: true,
    stateful: true,
    title: ({ number }) => `stop ${number}`,
    async run({ number }, { signal }) {
      const behind = desk.background.get(number)
      if (!behind) return say(`Nothing in the background has the number ${number}.`, false)
      if (!(await runs(desk, number))) return say(`${number} has ended already. ${await standing(desk, number)}`)
      const group = `-${behind.pid}`
      await (await desk.shell()).run(
        `# stop ${number}\nkill -TERM -- ${group} 2>/dev/null; for i in {1..20}; do kill -0 -- ${group} 2>/dev/null || break; sleep 0.1; done; ` +
          `kill -KILL -- ${group} 2>/dev/null; true`,
        { timeoutMs: 10_000, signal },
      )
      desk.background.delete(number)
      await desk.note?.({ type: 'background', text: `Stopped ${number}.` })
      return say(`Stopped ${number}.`)
    },
  })

const pictureTool = (desk: Desk, browser: Renderer): AnyTool =>
  defineTool({
    name: 'shell_picture',
    description:
      'Shows what a command printed as a picture of its terminal, colours and boxes included, by its number (0: the last one). For command ' +
      'lines that are to look like something.',
    input: z.object({
      number: z.int().nonnegative(),
      columns: z.int().min(40).max(200).optional().describe('default 120, the width of the shell'),
      rows: z.int().min(5).max(200).optional().describe('the last so many, default 50'),
    }),
    // One browser, one page at a time.
    readOnly: false,
    repeatable: true,
    hand: true,
    title: ({ number }) => `picture of output ${number || 'of the last command'}`,
    async run({ number, columns: cols = 120, rows = 50 }) {
      const { html, width, height } = await terminalPage(await desk.outputs.raw(number || desk.lastNumber()), {
        cols,
        rows,
      })
      const viewports = [{ name: 'terminal', width, height, colorScheme: 'dark' as const }]
      const drawn = await browser.render({ html, viewports })
      return {
        ok: true,
        content: drawn.map(({ png }) => ({ type: 'image' as const, mediaType: 'image/png' as const, data: png })),
      }
    },
  })
