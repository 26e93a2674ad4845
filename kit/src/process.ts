/** A process by who it is and not only by number, so that only one we started is ever ended. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/** A process id may be given again; with its kernel start time it names one process for good. */
export type ProcessRef = { pid: number; start: string }
type Row = ProcessRef & { ppid: number; session: number; state: string; foreground: number }

const END_MS = 10_000
const POLL_MS = 10

/** When the kernel started this process, as text to compare; null when there is none (a zombie counts as none). */
export function processStart(pid: number): string | null {
  const row = process.platform === 'linux' ? readRow(pid) : psRows(['-p', String(pid)])[0]
  return row && row.state !== 'Z' && row.state !== 'X' ? row.start : null
}

/** Kills that very process, and resolves once it and every PID namespace it held are gone. Another one under its number is left alone. */
export async function endProcess(ref: ProcessRef): Promise<void> {
  if (!isRunning(ref)) return
  const held = [ref, ...namespaceInits(ref.pid)]
  for (const one of held) kill(one)
  await allGone(held)
}

/** The process, all it started, and whatever else carries `marker` (`NAME=value`) in its environment: for commands no PID namespace holds. */
export async function endTree(root: ProcessRef, marker?: string): Promise<void> {
  const deadline = Date.now() + END_MS
  // Forks race with the listing: look again until a look finds nothing.
  for (;;) {
    const left = [...(isRunning(root) ? [root] : []), ...descendants(root.pid, marker)]
    if (left.length === 0) return
    if (Date.now() > deadline) throw new Error(`Processes ${left.map(({ pid }) => pid).join(', ')} did not end.`)
    for (const one of left) kill(one)
    await delay(POLL_MS)
  }
}

/** Every process below this one, of its session, or marked; never this very process. */
export function descendants(root: number, marker?: string): ProcessRef[] {
  const rows = table().filter(({ state }) => state !== 'Z' && state !== 'X')
  const found = new Set<number>()
  const carrying = marker ? marked(marker, rows) : new Set<number>()
  const add = (pid: number): void => {
    if (found.has(pid) || pid === process.pid) return
    found.add(pid)
    for (const row of rows) if (row.ppid === pid) add(row.pid)
  }
  for (const row of rows) {
    if (row.ppid === root || row.session === root || carrying.has(row.pid)) add(row.pid)
  }
  found.delete(root)
  return rows.filter(({ pid }) => found.has(pid)).map(({ pid, start }) => ({ pid, start }))
}

/** The group a terminal's Ctrl-C would reach, as seen from a process on that terminal. */
export function foregroundGroup(pid: number): number | null {
  const row = process.platform === 'linux' ? readRow(pid) : psRows(['-p', String(pid)])[0]
  return row && row.foreground > 0 ? row.foreground : null
}

const isRunning = ({ pid, start }: ProcessRef): boolean => processStart(pid) === start

function kill(ref: ProcessRef): void {
  if (!isRunning(ref)) return
  try {
    process.kill(ref.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function allGone(refs: ProcessRef[]): Promise<void> {
  const deadline = Date.now() + END_MS
  while (refs.some(isRunning)) {
    if (Date.now() > deadline) throw new Error(`Process ${refs[0]?.pid} did not end within ${END_MS / 1000} s.`)
    await delay(POLL_MS)
  }
}

/** The first processes of the PID namespaces this one opened: such a one is gone only after all in its namespace are (pid_namespaces(7)). */
function namespaceInits(pid: number): ProcessRef[] {
  if (process.platform !== 'linux') return []
  return descendants(pid).filter((child) => /^NSpid:\s+\d+\s.*\b1$/m.test(read(`/proc/${child.pid}/status`)))
}

function marked(marker: string, rows: Row[]): Set<number> {
  if (process.platform !== 'linux')
    return markedIn(
      orEmpty(() => execFileSync('ps', ['-axwwE', '-o', 'pid=,command='], { encoding: 'utf8' })),
      marker,
    )
  const carries = (pid: number): boolean => read(`/proc/${pid}/environ`).split('\0').includes(marker)
  return new Set(rows.flatMap(({ pid }) => (carries(pid) ? [pid] : [])))
}

/** `ps -E` prints the environment behind the command; on a Mac, of the system's own programs it prints none. */
export const markedIn = (listing: string, marker: string): Set<number> =>
  new Set(
    listing.split('\n').flatMap((line) => (` ${line} `.includes(` ${marker} `) ? [Number.parseInt(line, 10)] : [])),
  )

function table(): Row[] {
  if (process.platform !== 'linux') return psRows(['-ax'])
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readRow(Number(name)) ?? []) : []))
}

let boot: string | undefined

/** /proc/PID/stat (proc_pid_stat(5)): the name may hold spaces and brackets, the fields begin after its last one. */
function readRow(pid: number): Row | undefined {
  const stat = read(`/proc/${pid}/stat`)
  if (!stat) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Start times count from boot: without its id a process of the last boot could be taken for this one.
  boot ??= read('/proc/sys/kernel/random/boot_id').trim()
  const [state = '', ppid, , session, , foreground] = fields
  return {
    pid,
    state,
    ppid: Number(ppid),
    session: Number(session),
    foreground: Number(foreground),
    start: `${boot}:${fields[19]}`,
  }
}

function psRows(which: string[]): Row[] {
  const columns = 'pid=,ppid=,sess=,tpgid=,state=,lstart='
  const run = (): string => execFileSync('ps', [...which, '-o', columns], { encoding: 'utf8', env: { LC_ALL: 'C' } })
  return orEmpty(run)
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      const [pid, ppid, session, foreground, state = '', ...start] = line.trim().split(/\s+/)
      const numbers = { pid: Number(pid), ppid: Number(ppid), session: Number(session), foreground: Number(foreground) }
      return { ...numbers, state: state[0] ?? '', start: start.join(' ') }
    })
}

const read = (file: string): string => orEmpty(() => readFileSync(file, 'latin1'))

/** A process may end between being listed and being looked at. */
function orEmpty(get: () => string): string {
  try {
    return get()
  } catch {
    return ''
  }
}
