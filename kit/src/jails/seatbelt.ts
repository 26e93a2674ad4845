/** What a jail lets its command do, said to the seatbelt of macOS through `@anthropic-ai/sandbox-runtime`. Never run on a Mac: docs/jail.md. */
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refusal } from '../errors.ts'
import type { JailPolicy } from '../jail.ts'
import { gitView } from '../jail-git.ts'
import { FORWARDER } from '../jail-mounts.ts'
import { certificates, homeOf, tokensIn, toolchainRoots } from '../toolchains.ts'

/** Parameters of the library's generator of profiles. Paths are names, not patterns: hence the `literal` lists. */
export type SeatbeltRules = {
  needsNetworkRestriction: true
  allowUnixSockets: string[]
  /** The generator's names; here the one port of the forwarder, and the one the story's app is told. */
  httpProxyPort?: number
  socksProxyPort?: number
  readConfig: { denyOnly: string[]; literalDenyOnly: string[]; literalAllowWithinDeny: string[] }
  writeConfig: {
    allowOnly: string[]
    literalAllowOnly: string[]
    denyWithinAllow: string[]
    literalDenyWithinAllow: string[]
  }
}

/** Where people and their programs keep what is theirs. The rest of a Mac is the system's, which every user may read. */
const OF_PEOPLE = [
  ...['/Users', '/Volumes', '/Library/Keychains', '/private/tmp', '/private/var/tmp'],
  ...['/private/var/folders', '/private/var/root'],
]

/** Asks nothing of macOS: where it says no, it is because the library has no word for what is wanted. */
export function seatbeltRules(policy: JailPolicy, env: NodeJS.ProcessEnv): SeatbeltRules {
  refuseWhatCannotBe(policy)
  const { writable = [], readable = [], hidden = [], socket, inlet, port } = policy
  const worktree = realpathSync(policy.worktree)
  const tools = toolchainRoots(env)
  const git = gitRules(worktree, [...readable, ...tools])
  const sockets = [socket, inlet].flatMap((path) => path || [])
  const written = [worktree, ...writable, ...(policy.placed ?? []).map(({ at }) => at)]
  const shown = [...tools, ...certificates(env), process.execPath, FORWARDER, ...readable, ...sockets, ...git.shown]
  const closed = [homeOf(env), ...hidden].filter((path) => path !== '/')
  const app = Number(policy.env?.PORT)
  return {
    needsNetworkRestriction: true,
    allowUnixSockets: sockets,
    ...(port && sockets.length > 0 && { httpProxyPort: port }),
    ...(app > 0 && { socksProxyPort: app }),
    readConfig: {
      denyOnly: [],
      literalDenyOnly: unique([...OF_PEOPLE, ...closed, ...tokensIn(tools), ...git.hidden]),
      literalAllowWithinDeny: unique([...narrow([...shown, ...written], closed)]),
    },
    writeConfig: {
      allowOnly: [],
      literalAllowOnly: unique(written),
      denyWithinAllow: [],
      literalDenyWithinAllow: unique([join(worktree, '.git'), ...git.shown, ...git.hidden]),
    },
  }
}

function refuseWhatCannotBe({ placed = [], services = [] }: JailPolicy): void {
  if (services.length > 0)
    throw new Refusal(
      `A jail on macOS cannot open ${services.join(', ')}: it shares the loopback of the machine, and opens one port of it.`,
      'Take `jail.services` out of config.yaml, or run Sluice on Linux.',
    )
  if (placed.some(({ from, at }) => from !== at))
    throw new Refusal(
      'A jail on macOS cannot show a file of yours at another place, so no login is handed into it.',
      'Set engines: { claude-code: { auth: key } }.',
    )
}

/**
 * Three deep, the profile keeps the middle one: a place hidden in one that is shown stays hidden with the worktree in it, which then cannot be
 * read. So what is shown around such a place is not shown.
 */
function narrow(shown: string[], hidden: string[]): string[] {
  const opened = hidden.filter((place) => shown.some((path) => isUnder(path, place)))
  return shown.filter((path) => !opened.some((place) => isUnder(place, path)))
}

/**
 * Of the repository the parts that status, diff and log need. By their names, which renaming does not change. There is no other view of a
 * file than the file: so its config is shown only if nothing secret can be in it; else git says inside that it cannot read it.
 */
function gitRules(worktree: string, readable: string[]): { shown: string[]; hidden: string[] } {
  const mounts = gitView(worktree)
  const views = mounts.flatMap((mount) => (mount.kind === 'empty' ? [mount.at] : []))
  const shown = mounts.flatMap((mount) => {
    if (mount.kind !== 'read') return []
    return mount.from === undefined || isHarmless(textOf(mount.at)) ? [mount.at] : []
  })
  const inside = views.filter((view) => [worktree, ...readable].some((dir) => isUnder(view, dir)))
  const beside = inside.flatMap((view) => readdirSync(view).map((name) => join(view, name)))
  return {
    shown,
    hidden: [
      ...views.filter((view) => !inside.includes(view)),
      ...beside.filter((path) => !shown.includes(path)),
      ...mounts.flatMap((mount) => (mount.kind === 'read' && !shown.includes(mount.at) ? [mount.at] : [])),
    ],
  }
}

const PLAIN_SECTIONS = ['core', 'extensions', 'branch', 'remote', 'user', 'init', 'pull', 'push', 'submodule']

/** Sections that name no helper, header or password, and no address with a login in it. */
export function isHarmless(config: string): boolean {
  const sections = [...config.matchAll(/^\s*\[\s*([\w.-]+)/gm)].map(([, name = '']) => name.toLowerCase())
  return sections.every((name) => PLAIN_SECTIONS.includes(name)) && !/:\/\/[^/\s]*@/.test(config)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

const isUnder = (path: string, dir: string): boolean => path.startsWith(dir === '/' ? '/' : `${dir}/`)
const unique = (all: string[]): string[] => [...new Set(all)]

/** Runs beside the jail, outside: makes its temporary directory, has the profile written, starts it and cleans up. */
const LAUNCHER = fileURLToPath(new URL('seatbelt.mjs', import.meta.url))

/** The command line that runs `command` under these rules with this environment; HOME and TMPDIR are throw-away unless it names them. */
export function seatbeltArgv(
  policy: JailPolicy,
  start: { env: Record<string, string>; command: string[]; keep: number[] },
): string[] {
  const rules = seatbeltRules(policy, process.env)
  const told = {
    rules,
    worktree: realpathSync(policy.worktree),
    env: start.env,
    keep: start.keep.filter((fd) => fd > 2),
  }
  return [process.execPath, LAUNCHER, JSON.stringify(told), '--', ...start.command]
}
