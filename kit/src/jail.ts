/** The jail that commands of agents, set-up and checks run in: they write in their worktree and reach nothing but their run's socket. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, realpathSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { FORWARDER, homeInside, mountArgs } from './jail-mounts.ts'
import { seatbeltArgv } from './jails/seatbelt.ts'
import { filterFile } from './jails/syscalls.ts'
import { endProcess, endTree, type ProcessRef, processStart } from './process.ts'
import { FORWARD_PORT, proxyEnv } from './proxy-env.ts'
import { toolEnv, toolPath } from './toolchains.ts'

/** What a jail lets its command do. Paths are absolute; the deepest one decides, so `writable` may lie in `hidden`. */
export type JailPolicy = {
  /** The one directory it works in. Its `.git` is a read-only view without remotes and credentials. */
  worktree: string
  writable?: string[]
  readable?: string[]
  /** What must not be seen even where it lies in something readable: the data directory, for one. */
  hidden?: string[]
  /** The run's unix socket (run-socket.ts): bound in, reached through `http://127.0.0.1:4141` and the proxy variables. */
  socket?: string
  /** Single files of the person's that it may write, at the paths where it looks for them. */
  placed?: { from: string; at: string }[]
  /** Services of the machine's loopback (`127.0.0.1:5432`), on the same port inside: asked for through the run's socket, which must allow them. */
  services?: string[]
  /** A socket (jails/inlet.ts) by which the outside reaches ports of its loopback. */
  inlet?: string
  env?: Record<string, string>
  /** Where its loopback reaches the run's socket: 4141, and on macOS one of the machine's own (`forwardPort`). */
  port?: number
  /** It has a loopback of its own and no other network; there is no other choice. */
  network?: 'none'
}

/** `none`: this system has no jail and commands run as the person; `problem` says why, in words for people. */
export type Jail = { kind: 'bubblewrap'; path: string } | { kind: 'seatbelt' } | { kind: 'none'; problem: string }

/** The jails of a Mac share its loopback: each has a port of its own there, below those the system hands out and above those of stories. */
export const forwardPort = ({ kind }: Jail): number => (kind === 'seatbelt' ? randomInt(30_000, 49_152) : FORWARD_PORT)

const NAMESPACES = [
  ...['--die-with-parent', '--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-net'],
  ...['--unshare-cgroup-try', '--cap-drop', 'ALL', '--hostname', 'sluice'],
]

/**
 * The command line that runs `command` under `policy`. Start it with an EMPTY environment (`spawnJailed` does): what bwrap itself was
 * started with can be read inside, in `/proc/1/environ`. Start it in a session of its own, on no terminal or one of ours: whose session it
 * shares, on that one's terminal it can type. `keep` are descriptors beyond the usual three that the command is given. Without a jail the command runs with the same environment and no forwarder.
 */
export function jailArgv(jail: Jail, policy: JailPolicy, command: string[], keep: number[] = []): string[] {
  if (jail.kind === 'none') return unjailed(policy, command)
  if (jail.kind === 'seatbelt') return seatbelted({ port: forwardPort(jail), ...policy }, command, keep)
  return started([jail.path, ...jailArgs(policy, command, keep)], keep)
}

function jailArgs(policy: JailPolicy, command: string[], keep: number[]): string[] {
  const env = Object.entries(jailedEnv(policy)).flatMap(([name, value]) => ['--setenv', name, value])
  return [
    ...NAMESPACES,
    ...mountArgs(policy, process.env),
    ...['--clearenv', ...env, '--chdir', realpathSync(policy.worktree), '--'],
    ...(policy.socket || policy.inlet ? forwarded(policy, command, keep) : command),
  ]
}

/** Where bwrap reads its filter: beyond the pipes a command is given. */
const FILTER_FD = 9
/**
 * A smaller shell cannot name a descriptor above 9. Where its standard input is a socket, as our pipes are, bash takes itself for one that
 * was called over a network, and would run the person's `~/.bashrc` before anything is jailed.
 */
const [SHELL, BEYOND_IT] = existsSync('/bin/bash') ? [['/bin/bash', '--norc'], []] : [['/bin/sh'], ['??*']]

/**
 * What bwrap is started by, before anything of the agent's runs. Whatever else this process was started with open is closed: an open
 * directory is a way out of any jail. When memory ends, the kernel takes a jail before the person's editor.
 */
function started([bwrap = '', ...args]: string[], keep: number[]): string[] {
  const filter = filterFile()
  const kept = [0, 1, 2, ...keep, ...BEYOND_IT].join('|')
  const closed = `for f in /proc/self/fd/*; do f=\${f##*/}; case $f in ${kept}) ;; *) eval "exec $f>&-";; esac; done`
  const bounds = '{ echo 500 >/proc/self/oom_score_adj; ulimit -c 0; ulimit -u 8192; } 2>/dev/null'
  const script = `${closed}; ${bounds}; exec /usr/bin/env -i "$@"${filter ? ` ${FILTER_FD}<"$0"` : ''}`
  const seccomp = filter ? ['--seccomp', String(FILTER_FD)] : []
  return [...SHELL, '-c', script, filter ?? 'sh', bwrap, ...seccomp, ...args]
}

/** A running command. `exited` resolves once it and everything it started are gone, and rejects if it could not be started. */
export type Jailed = { child: ChildProcess; ref: ProcessRef; exited: Promise<Exit> }
/** A command that signal n ended says 128 + n in the jail; `signal` is set where it was ended with its jail. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null }

/** Starts a command under `policy`. When `signal` aborts it is killed with all it started, as it is when this process dies in any way. */
export function spawnJailed(
  jail: Jail,
  policy: JailPolicy,
  command: string[],
  options: { stdio: StdioOptions; signal?: AbortSignal },
): Jailed {
  options.signal?.throwIfAborted()
  return jail.kind === 'bubblewrap'
    ? spawnHeld(jail, policy, command, options)
    : spawnMarked(jail, policy, command, options)
}

type Start = { stdio: StdioOptions; signal?: AbortSignal }

/** Held together by a PID namespace: killing its first process leaves nothing. */
function spawnHeld(
  jail: Extract<Jail, { kind: 'bubblewrap' }>,
  policy: JailPolicy,
  command: string[],
  { stdio, signal }: Start,
): Jailed {
  const streams = typeof stdio === 'string' ? [stdio, stdio, stdio] : [...stdio]
  const [statusFd, lifelineFd] = [streams.length, streams.length + 1]
  const bwrap = started(
    [jail.path, '--json-status-fd', String(statusFd), ...jailArgs(policy, command, numbersTo(statusFd - 1))],
    numbersTo(statusFd),
  )
  const running = start(guarded(bwrap, { statusFd, lifelineFd }), [...streams, 'pipe', 'pipe'])
  const { child, ref } = running
  const first = firstProcess(child.stdio[statusFd] as Readable)
  const end = (): Promise<void> => endProcess(ref)
  // bwrap leaves when its command does, a moment before what the command left behind is killed.
  const afterwards = async (): Promise<void> => {
    child.stdio[lifelineFd]?.destroy()
    const held = await first
    if (held) await endProcess(held)
  }
  return { ...running, exited: exitOf(child, { end, afterwards, signal }) }
}

const numbersTo = (last: number): number[] => Array.from({ length: last + 1 }, (_, number) => number)

/**
 * Until bwrap is set up, `--die-with-parent` has gaps: killed in one, it leaves its half-made jail waiting for ever. So a process beside it
 * waits for our end of a pipe to close, by our death or on purpose, and then kills their common process group. No `--new-session`: it takes
 * the inside out of that group a moment before the inside asks for its parent's death.
 */
function guarded(argv: string[], { statusFd, lifelineFd }: { statusFd: number; lifelineFd: number }): string[] {
  const guard = `{ read -r _ <&${lifelineFd}; kill -9 0; } </dev/null >/dev/null 2>&1 ${statusFd}>&- &`
  return ['/bin/sh', '-c', `${guard} exec /usr/bin/env -i "$@" ${lifelineFd}<&-`, 'sh', ...argv]
}

/** Held together by nothing but a variable in their environment: the best there is without a PID namespace. */
function spawnMarked(jail: Jail, policy: JailPolicy, command: string[], { stdio, signal }: Start): Jailed {
  const id = randomUUID()
  const running = start(jailArgv(jail, { ...policy, env: { ...policy.env, [TREE_MARKER]: id } }, command), stdio)
  const end = (): Promise<void> => endTree(running.ref, `${TREE_MARKER}=${id}`)
  return { ...running, exited: exitOf(running.child, { end, afterwards: end, signal }) }
}

/** Names the processes of one command where no PID namespace holds them together. */
export const TREE_MARKER = 'SLUICE_TREE'

function start([file = '', ...args]: string[], stdio: StdioOptions): { child: ChildProcess; ref: ProcessRef } {
  // Detached, in a session of its own: a Ctrl-C for Sluice is not one for what runs here, and the terminal Sluice was started on is out of its reach.
  const child = spawn(file, args, { env: {}, cwd: '/', stdio, detached: true })
  const pid = child.pid ?? 0
  return { child, ref: { pid, start: (pid && processStart(pid)) || '' } }
}

async function exitOf(
  child: ChildProcess,
  { end, afterwards, signal }: { end(): Promise<void>; afterwards(): Promise<void>; signal: AbortSignal | undefined },
): Promise<Exit> {
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const abort = (): void => void end().catch((error: unknown) => child.emit('error', error))
  signal?.addEventListener('abort', abort, { once: true })
  try {
    const [code, killedBy] = await exit
    await afterwards()
    return { code, signal: killedBy }
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** bwrap's first word on its status pipe is the process id of what it started (bwrap(1), --json-status-fd). */
export function firstProcess(status: Readable): Promise<ProcessRef | undefined> {
  return new Promise((resolve) => {
    // Read to its end: bwrap writes there again, and a closed pipe would kill it.
    status.on('data', (chunk: Buffer) => {
      const pid = Number(/"child-pid":\s*(\d+)/.exec(String(chunk))?.[1])
      const began = pid ? processStart(pid) : null
      if (pid) resolve(began ? { pid, start: began } : undefined)
    })
    status.once('close', () => resolve(undefined))
  })
}

function baseEnv(policy: JailPolicy): Record<string, string> {
  return { HOME: homeInside(process.env), TMPDIR: '/tmp', ...placelessEnv(policy) }
}

function placelessEnv(policy: JailPolicy): Record<string, string> {
  return {
    PATH: toolPath(process.env).join(':') || '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    USER: 'sluice',
    ...toolEnv(process.env),
    ...policy.env,
  }
}

const jailedEnv = (policy: JailPolicy): Record<string, string> =>
  policy.socket ? { ...proxyEnv(portOf(policy)), ...baseEnv(policy) } : baseEnv(policy)

const portOf = ({ port = FORWARD_PORT }: JailPolicy): number => port

/** Its home and its temporary directory are made with it. */
function seatbelted(policy: JailPolicy, command: string[], keep: number[]): string[] {
  const env = policy.socket ? { ...proxyEnv(portOf(policy)), ...placelessEnv(policy) } : placelessEnv(policy)
  const inside = policy.socket || policy.inlet ? forwarded(policy, command, keep) : command
  return seatbeltArgv(policy, { env, command: inside, keep })
}

const forwarded = (
  { socket, services = [], inlet, ...policy }: JailPolicy,
  command: string[],
  keep: number[],
): string[] => [
  ...[process.execPath, FORWARDER],
  ...(socket ? ['--socket', socket, '--port', String(portOf(policy))] : []),
  ...(socket ? services : []).flatMap((service) => ['--service', service]),
  ...(inlet ? ['--inlet', inlet] : []),
  ...keep.filter((fd) => fd > 2).flatMap((fd) => ['--keep', String(fd)]),
  ...['--', ...command],
]

function unjailed(policy: JailPolicy, command: string[]): string[] {
  const env = Object.entries(baseEnv(policy)).map(([name, value]) => `${name}=${value}`)
  return ['/usr/bin/env', '-i', ...env, '/bin/sh', '-c', 'cd "$0" && exec "$@"', policy.worktree, ...command]
}
