/** What a jail sees of the file system: nothing but what is listed here, and of that only the worktree is writable. */
import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refusal } from './errors.ts'
import { gitView } from './jail-git.ts'
import { certificates, homeOf, tokensIn, toolchainRoots } from './toolchains.ts'

/** One thing in the jail's tree. `seal` makes an own, empty directory read-only once all below it is in place. */
export type Mount =
  | { kind: 'read' | 'write'; at: string; from?: string }
  | { kind: 'empty' | 'nothing' | 'seal'; at: string }
  | { kind: 'link'; at: string; to: string }

export type Sight = {
  worktree: string
  writable?: string[]
  readable?: string[]
  hidden?: string[]
  placed?: { from: string; at: string }[]
  socket?: string
  inlet?: string
}

const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/opt']
const SYSTEM_ELSEWHERE = ['/nix', '/gnu', '/snap']
/** What runtimes ask about processors and memory; the rest of /sys is devices, network cards and the kernel's own innards. */
const MACHINE = ['/sys/devices/system/cpu', '/sys/devices/system/node', '/sys/fs/cgroup', '/sys/kernel/mm']
/** Names of the person's keys; and a daemon that builds with a network of its own for whoever can connect. */
const TOLD_TO_NOBODY = [
  ...['/proc/keys', '/proc/key-users', '/proc/timer_list', '/proc/sysrq-trigger', '/proc/kcore'],
  '/nix/var/nix/daemon-socket',
]
/** The kernel lets root's own write there whatever namespace they are in: a program named there is run by the kernel, outside. */
const SETTINGS = [
  ...['/proc/sys', '/proc/irq', '/proc/bus', '/proc/fs', '/proc/dynamic_debug', '/proc/acpi', '/proc/scsi'],
  ...['/proc/mtrr', '/proc/pressure', '/proc/tty', '/proc/driver'],
]
const THROW_AWAY = ['/tmp', '/var/tmp', '/run']

/** The forwarder that runs inside: see run-socket.ts. */
export const FORWARDER = fileURLToPath(new URL('forward.mjs', import.meta.url))

/** Where the agent's home is inside: the path of the person's, with nothing in it. */
export const homeInside = (env: NodeJS.ProcessEnv): string => (homeOf(env) === '/' ? '/tmp' : homeOf(env))

/** The deepest path wins, whatever list it is from: so a hidden data directory stays hidden in a readable one, and a worktree in it is there. */
export function mountArgs(sight: Sight, env: NodeJS.ProcessEnv): string[] {
  const depth = (mount: Mount): number =>
    mount.kind === 'seal' ? Number.POSITIVE_INFINITY : mount.at.split('/').length
  const mounts = [...surroundings(env), ...ofThisJail(sight), { kind: 'seal', at: '/' } as const]
  const inOrder = mounts.sort((one, other) => (depth(one) === depth(other) ? 0 : depth(one) - depth(other)))
  return ['--dev', '/dev', '--proc', '/proc', ...inOrder.flatMap(asArgs)]
}

function surroundings(env: NodeJS.ProcessEnv): Mount[] {
  const tools = toolchainRoots(env)
  const roots = tools.filter((root) => !isSystem(root))
  return [
    ...[...SYSTEM, ...SYSTEM_ELSEWHERE, ...MACHINE].flatMap(system),
    ...privateFiles().map(hide),
    ...TOLD_TO_NOBODY.filter((path) => existsSync(path)).map(hide),
    ...SETTINGS.filter((path) => existsSync(path)).map((at): Mount => ({ kind: 'read', at })),
    ...[...THROW_AWAY, homeInside(env)].map((at): Mount => ({ kind: 'empty', at })),
    ...[...roots, ...certificates(env), process.execPath, FORWARDER].flatMap(readable),
    ...tokensIn([...tools, '/usr', '/usr/local']).map(hide),
  ]
}

function ofThisJail({
  worktree,
  writable = [],
  readable: shown = [],
  hidden = [],
  placed = [],
  socket,
  inlet,
}: Sight): Mount[] {
  const real = realpathSync(worktree)
  return [
    ...hidden.filter((path) => existsSync(path)).map(hide),
    ...shown.flatMap(readable),
    ...[real, ...writable.map((path) => ownPath(path, real))].map((at): Mount => ({ kind: 'write', at })),
    ...(real === worktree ? [] : [{ kind: 'link', at: worktree, to: real } as const]),
    ...placed.map(({ from, at }): Mount => ({ kind: 'write', at, from })),
    ...gitView(real),
    // Connecting needs no write access to the mount; read-only, nobody inside can replace it.
    ...[socket, inlet].flatMap((at) => (at ? [{ kind: 'read', at } as const] : [])),
  ]
}

/** Of what lies in the worktree an earlier jail may have made a link: the mount would be of whatever it leads to. */
function ownPath(path: string, worktree: string): string {
  if (path.startsWith(`${worktree}/`) && realpathSync(path) !== path)
    throw new Refusal(`${path} is a link, or lies behind one.`, 'Remove it, then ask again.')
  return path
}

const isSystem = (path: string): boolean =>
  [...SYSTEM, ...SYSTEM_ELSEWHERE].some((dir) => path === dir || path.startsWith(`${dir}/`))

/** /bin is a link into /usr on most systems: the jail's is too. */
function system(at: string): Mount[] {
  const stat = lstatSync(at, { throwIfNoEntry: false })
  if (!stat) return []
  return [stat.isSymbolicLink() ? { kind: 'link', at, to: readlinkSync(at) } : { kind: 'read', at }]
}

/** A path that leads over a link is there under both its names. */
function readable(at: string): Mount[] {
  if (!existsSync(at)) return []
  return [...new Set([at, realpathSync(at)])].map((path): Mount => ({ kind: 'read', at: path }))
}

const hide = (at: string): Mount => ({ kind: statSync(at).isDirectory() ? 'empty' : 'nothing', at })

let kept: string[] | undefined

/** What the system keeps from other users (shadow, host keys) stays hidden even when we are root, whom its modes would not stop. */
function privateFiles(): string[] {
  kept ??= ['/etc', '/usr/etc', '/usr/local/etc'].filter((dir) => existsSync(dir)).flatMap(walk)
  return kept
}

function walk(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name)
    if (!entry.isDirectory() && !entry.isFile()) return []
    const needed = entry.isDirectory() ? 0o005 : 0o004
    if ((lstatSync(path).mode & needed) !== needed) return [path]
    return entry.isDirectory() ? walk(path) : []
  })
}

function asArgs(mount: Mount): string[] {
  switch (mount.kind) {
    case 'read':
      return ['--ro-bind', mount.from ?? mount.at, mount.at]
    case 'write':
      return ['--bind', mount.from ?? mount.at, mount.at]
    case 'empty':
      return ['--tmpfs', mount.at]
    case 'nothing':
      return ['--ro-bind', '/dev/null', mount.at]
    case 'link':
      return ['--dir', dirname(mount.at), '--symlink', mount.to, mount.at]
    case 'seal':
      return ['--remount-ro', mount.at]
  }
}
