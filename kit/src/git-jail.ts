/** Git's own jail: over a tree an agent can write it sees that tree, the repository's objects and nothing else, and writes only where we look before it counts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as after } from 'node:timers/promises'
import { commandLine, environment, GitError, type GitPlace } from './git.ts'
import { firstProcess, type Jail } from './jail.ts'
import { alternates } from './jail-git.ts'
import { processStart } from './process.ts'
import { jailFrom, resolveJail } from './resolve/jail.ts'
import { findProgram, thisMachine } from './resolve/machine.ts'

/** One git command; `prints` if anybody wants to hear what it says. */
export type TreeCommand = { args: string[]; input?: string; prints?: boolean }

export type JailedPlace = {
  jail: Jail
  /** `gitDir`, `workTree` and `env` as any git gets them. */
  place: GitPlace & { workTree: string }
  /** The objects of the repository, to read. */
  objects: string
  /** The one directory it may write, beside the tree if `writesTree`. */
  quarantine: string
  writesTree: boolean
}

export type JailedGit = {
  /** The commands of a step run beside each other, the steps in order; the first that fails ends it all. What those that print have printed. */
  run(steps: readonly (readonly TreeCommand[])[]): Promise<Buffer[]>
  /** Resolves when nothing in there runs any more: from then on what it wrote stays as it is. */
  end(): Promise<void>
}

let found: Promise<Jail> | undefined

/** The jail of this machine, looked for once in a process. */
export function gitJail(): Promise<Jail> {
  found ??= resolveJail().then((jail) => {
    if (jail.kind === 'seatbelt') return { kind: 'none', problem: 'On macOS git has no jail of its own.' }
    return jailFrom(jail)
  })
  return found
}

/** Longer than any tree takes: what an agent wrote must not hold its story for ever. */
const LONGEST_MS = 15 * 60_000
/** A shell names descriptors by one digit. Each input can be given once: it ends with what was given. */
const OUTPUTS: readonly number[] = [1, 5, 6]
const INPUTS: readonly number[] = [3, 4]
const STATUS: number = 8
const LIFELINE: number = 9

/**
 * Starts one jail for all that is done with a tree now: a shell that is told one git command after the other. What they say comes through
 * pipes: a file in there may be a link by the time it is read.
 */
export async function openJailedGit(at: JailedPlace): Promise<JailedGit> {
  const child = start(await jailed(at, ['/bin/sh']), at)
  const streams = child.stdio as unknown as (Readable & Writable)[]
  const stream = (fd = 0) => streams[fd] as Readable & Writable
  // Who is gone has closed its end; its exit code tells whether that was an error.
  for (const fd of [0, ...INPUTS, LIFELINE]) stream(fd).on('error', () => {})
  const inside = at.jail.kind !== 'bubblewrap' ? undefined : firstProcess(stream(STATUS))
  const said = heard(stream(2))
  const ended = endOf(child, stream(LIFELINE))
  const inputs = [...INPUTS]

  async function step(commands: readonly TreeCommand[]): Promise<Buffer[]> {
    const mark = crypto.randomUUID()
    const given: { fd: number; input: string }[] = []
    const outputs: number[] = []
    const lines = commands.map(({ args, input, prints }, n) => {
      if (input !== undefined) given.push({ fd: next(inputs, 0), input })
      if (prints) outputs.push(next(OUTPUTS, outputs.length))
      const from = input === undefined ? '/dev/null' : `&${given.at(-1)?.fd}`
      return `${commandLine(args).map(quoted).join(' ')} <${from} >${prints ? `&${outputs.at(-1)}` : '/dev/null'} & p${n}=$!`
    })
    const waits = commands.map((_, n) => `wait $p${n} || exit $?`)
    // Told on every output, since each is a pipe of its own; by one at least, to know when the step is done.
    const told = outputs.length > 0 ? outputs : OUTPUTS.slice(0, 1)
    const marks = told.map((fd) => `printf %s ${mark} >&${fd}`)
    const results = told.map((fd) => heard(stream(fd), mark))
    stream(0).write(`${[...lines, ...waits, ...marks].join('\n')}\n`)
    for (const { fd, input } of given) {
      inputs.shift()
      stream(fd).end(input)
    }
    const whole = await Promise.all(results)
    if (whole.some(({ marked }) => !marked)) return failed(commands[0]?.args ?? [])
    return whole.slice(0, outputs.length).map(({ output }) => output)
  }

  async function failed(args: string[]): Promise<never> {
    const [code, stderr] = [await ended, (await said).output.toString()]
    if (stderr.startsWith('bwrap: ')) throw new Error(`The jail of git did not start: ${stderr.trim()}`)
    throw new GitError(args, { code: code || 128, stderr })
  }

  return {
    async run(steps) {
      const outputs: Buffer[] = []
      for (const commands of steps) outputs.push(...(await step(commands)))
      return outputs
    },
    async end() {
      stream(0).end()
      await ended
      const first = await inside
      while (first && processStart(first.pid) === first.start) await after(1)
    },
  }
}

function next(fds: readonly number[], n: number): number {
  const fd = fds[n]
  if (fd === undefined) throw new Error('So many commands are too many for one jail.')
  return fd
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

/** In a session of its own: no terminal to type on. A process beside it ends their group with us, also before bwrap sees to that itself (jail.ts). */
function start(argv: string[], { jail, place }: JailedPlace): ChildProcess {
  const guard = `{ read -r _ <&${LIFELINE}; kill -9 0; } </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- ${STATUS}>&- &`
  return spawn('/bin/sh', ['-c', `${guard} exec "$@" 7>&- ${LIFELINE}<&-`, 'sh', ...argv], {
    // What bwrap itself was started with can be read inside, in /proc/1/environ.
    env: jail.kind !== 'bubblewrap' ? environment(place) : {},
    cwd: place.workTree,
    stdio: Array.from({ length: LIFELINE + 1 }, () => 'pipe' as const),
    detached: true,
  })
}

async function endOf(child: ChildProcess, lifeline: Writable): Promise<number | null> {
  const late = setTimeout(() => lifeline.destroy(), LONGEST_MS)
  try {
    return ((await once(child, 'exit')) as [number | null])[0]
  } finally {
    clearTimeout(late)
    lifeline.destroy()
  }
}

/** What is said until this mark, or until nobody can say more. */
function heard(stream: Readable, mark?: string): Promise<{ output: Buffer; marked: boolean }> {
  const end = Buffer.from(mark ?? '')
  let output = Buffer.alloc(0)
  return new Promise((resolve) => {
    const leave = (marked: boolean) => {
      stream.off('data', hear).off('close', gone)
      resolve({ output: marked ? output.subarray(0, -end.length) : output, marked })
    }
    const hear = (piece: Buffer) => {
      output = Buffer.concat([output, piece])
      if (mark !== undefined && output.subarray(-end.length).equals(end)) leave(true)
    }
    const gone = () => leave(false)
    stream.on('data', hear).on('close', gone)
    if (stream.closed) gone()
  })
}

// ── what it sees ─────────────────────────────────────────────────────────────

const NAMESPACES = [
  ...['--die-with-parent', '--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-net'],
  ...['--unshare-cgroup-try', '--cap-drop', 'ALL', '--hostname', 'git', '--json-status-fd', String(STATUS)],
]
/** Read-only, as they are. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix', '/gnu']

/** Where this machine has no jail the command alone, as any other git is started: `jail.problem` is on every page. */
async function jailed(
  { jail, place, objects, quarantine, writesTree }: JailedPlace,
  command: string[],
): Promise<string[]> {
  if (jail.kind !== 'bubblewrap') return command
  const read = [place.gitDir, place.env?.GIT_SHALLOW_FILE ?? '', objects, ...alternates(objects), ...(await ownGit())]
  const mounts = [
    ...read.filter((path) => existsSync(path)).map((path) => ['--ro-bind', path] as const),
    [writesTree ? '--bind' : '--ro-bind', place.workTree] as const,
    ['--bind', quarantine] as const,
  ]
  const inOrder = mounts.sort(([, one], [, other]) => one.split('/').length - other.split('/').length)
  const env = Object.entries(environment(place)).flatMap(([name, value = '']) => ['--setenv', name, value])
  return [
    ...[jail.path, ...NAMESPACES, ...SYSTEM.flatMap(system)],
    ...['--tmpfs', '/tmp', '--dev', '/dev', '--proc', '/proc', ...inOrder.flatMap(([how, path]) => [how, path, path])],
    ...['--remount-ro', '/', '--clearenv', ...env, '--chdir', place.workTree, '--', ...command],
  ]
}

/** /bin is a link into /usr on most systems: what it leads to is there under both names. */
const system = (at: string): string[] => (existsSync(at) ? ['--ro-bind', realpathSync(at), at] : [])

/** What a git outside the system's directories was installed with: never all of the place it is in, which may be the person's home. */
async function ownGit(): Promise<string[]> {
  const program = await findProgram(thisMachine(), 'git')
  if (!program) return []
  const files = [...new Set([program, realpathSync(program)])].filter(
    (path) => !SYSTEM.some((dir) => path.startsWith(`${dir}/`)),
  )
  return files.flatMap((path) => [path, ...['libexec', 'lib', 'lib64'].map((dir) => join(path, '..', '..', dir))])
}
