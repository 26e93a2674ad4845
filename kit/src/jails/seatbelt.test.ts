/** The walls of a jail on macOS, as data: what the library makes of our rules, judged as the kernel of a Mac would by the last rule that matches. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { wrapCommandWithSandboxMacOS } from '@anthropic-ai/sandbox-runtime/dist/sandbox/macos-sandbox-utils.js'
import { expect, test } from 'vitest'
import { runJailed } from '../exec.ts'
import { forwardPort, type JailPolicy, jailArgv } from '../jail.ts'
import { markedIn } from '../process.ts'
import { findOnPath } from '../testing/find.ts'
import { type JailWorld, jailWorld } from '../testing/jail-world.ts'
import { isHarmless, type SeatbeltRules, seatbeltRules } from './seatbelt.ts'

const mac = { kind: 'seatbelt' } as const

function rulesFor(world: JailWorld, more: Partial<JailPolicy> = {}): SeatbeltRules {
  const policy = { worktree: world.worktree, hidden: [world.data], ...more }
  return seatbeltRules(policy, { HOME: world.home, PATH: '/usr/bin:/bin' })
}

const profileOf = (rules: SeatbeltRules): string =>
  wrapCommandWithSandboxMacOS({ ...rules, command: 'true', commandId: 'test', binShell: 'sh' })

/** seatbelt's own order: the last rule whose operation and path match decides. */
function allows(rules: SeatbeltRules, operation: string, path: string): boolean {
  let allowed = false
  for (const [, verdict, operations = '', body = ''] of profileOf(rules).matchAll(RULE)) {
    const named = operations
      .split(' ')
      .some((one) => one === operation || (one.endsWith('*') && operation.startsWith(one.slice(0, -1))))
    if (named && matches(body, path)) allowed = verdict === 'allow'
  }
  return allowed
}
const RULE = /^\((allow|deny) ((?:file[\w*-]+ ?)+)((?:.*\n {2}.*)*|.*)\)$/gm

function matches(body: string, path: string): boolean {
  const filters = [...body.matchAll(/^ {2}\((subpath|literal|regex) (".*?")\)$/gm)]
  if (!body.includes('(')) return true
  return filters.some(([, kind, quoted = '""']) => {
    const value = String(JSON.parse(quoted))
    if (kind === 'regex') return new RegExp(value).test(path)
    return path === value || (kind === 'subpath' && path.startsWith(`${value}/`))
  })
}

const reads = (rules: SeatbeltRules, path: string): boolean => allows(rules, 'file-read-data', path)
const writes = (rules: SeatbeltRules, path: string): boolean => allows(rules, 'file-write-data', path)

test('reads the system, its worktree and what is listed, and nothing of the person', () => {
  using world = jailWorld()
  const rules = rulesFor(world, { readable: [join(world.root, 'repository', 'file.txt')] })

  expect(reads(rules, '/usr/bin/git')).toBe(true)
  expect(reads(rules, join(world.worktree, 'file.txt'))).toBe(true)
  expect(reads(rules, join(world.repository, 'file.txt'))).toBe(true)
  expect(reads(rules, join(world.home, 'secret'))).toBe(false)
  expect(reads(rules, join(world.data, 'token'))).toBe(false)
  expect(reads(rules, join(world.data, 'other', 'file.txt'))).toBe(false)
  for (const path of [
    '/Users/other/x',
    '/Volumes/x',
    '/Library/Keychains/x',
    '/private/tmp/x',
    '/private/var/folders/x',
  ])
    expect(reads(rules, path), path).toBe(false)
})

test('writes in its worktree and what is writable, and not where it only reads', () => {
  using world = jailWorld()
  const cache = join(world.root, 'own')
  const rules = rulesFor(world, { writable: [cache], readable: [world.repository] })

  expect(writes(rules, join(world.worktree, 'file.txt'))).toBe(true)
  expect(writes(rules, join(cache, 'x'))).toBe(true)
  for (const path of [join(world.repository, 'x'), join(world.home, 'x'), '/usr/local/x', '/private/tmp/x'])
    expect(writes(rules, path), path).toBe(false)
})

test('what is hidden stays hidden in what is readable, and the worktree in it is read', () => {
  using world = jailWorld()
  const rules = rulesFor(world, { readable: [world.root] })

  expect(reads(rules, join(world.data, 'token'))).toBe(false)
  expect(reads(rules, join(world.worktree, 'file.txt'))).toBe(true)
})

test('git can be read but for a config with a login, and nobody writes to it', () => {
  using world = jailWorld()
  const rules = rulesFor(world, { readable: [world.repository] })
  const git = join(world.repository, '.git')

  expect(reads(rules, join(git, 'objects', 'aa'))).toBe(true)
  expect(reads(rules, join(git, 'config'))).toBe(false)
  expect(reads(rules, join(git, 'hooks', 'x'))).toBe(false)
  expect(writes(rules, join(world.worktree, '.git'))).toBe(false)
  expect(allows(rules, 'file-write-unlink', join(world.worktree, '.git'))).toBe(false)
})

test('a repository that is itself the worktree shows no hooks and no login, and keeps its .git', () => {
  using world = jailWorld()
  const rules = rulesFor(world, { worktree: world.repository })

  expect(reads(rules, join(world.repository, '.git', 'HEAD'))).toBe(true)
  expect(reads(rules, join(world.repository, '.git', 'config'))).toBe(false)
  expect(reads(rules, join(world.repository, '.git', 'hooks', 'x'))).toBe(false)
  expect(writes(rules, join(world.repository, '.git', 'hooks', 'x'))).toBe(false)
  expect(writes(rules, join(world.repository, 'file.txt'))).toBe(true)
})

test.for([
  ['[core]\n\tbare = false\n[remote "origin"]\n\turl = git@example.com:a/b.git\n', true],
  ['[remote "origin"]\n\turl = https://ada:key@example.com/a.git\n', false],
  ['[credential]\n\thelper = store\n', false],
  ['[http "https://example.com"]\n\textraheader = AUTHORIZATION: x\n', false],
] as const)('a config is shown only where nothing secret can be in it: %s', ([config, shown]) => {
  expect(isHarmless(config)).toBe(shown)
})

test('its network is the run’s socket, the forwarder’s port and the story’s own', () => {
  using world = jailWorld()
  const socket = join(world.root, 'run.sock')
  const network = profileOf(rulesFor(world, { socket, port: 31_234, env: { PORT: '20010' } }))
    .split('\n')
    .filter((line) => line.startsWith('(allow network'))

  expect(network).toEqual([
    ...[`(allow network-bind (local unix-socket (subpath "${socket}")))`],
    ...[`(allow network-outbound (remote unix-socket (subpath "${socket}")))`],
    ...['bind (local', 'inbound (local', 'outbound (remote'].map(
      (way) => `(allow network-${way} ip "localhost:31234"))`,
    ),
    ...['bind (local', 'inbound (local', 'outbound (remote'].map(
      (way) => `(allow network-${way} ip "localhost:20010"))`,
    ),
  ])
})

test('without a socket it has no network at all', () => {
  using world = jailWorld()

  expect(profileOf(rulesFor(world, { port: 31_234 }))).not.toMatch(/\(allow network/)
})

test('what the library has no word for is refused: services of the loopback, files at other places', () => {
  using world = jailWorld()

  expect(() => rulesFor(world, { services: ['127.0.0.1:5432'] })).toThrow('cannot open 127.0.0.1:5432')
  expect(() => rulesFor(world, { placed: [{ from: '/a', at: '/b' }] })).toThrow('no login is handed into it')
})

test('each jail has a port of its own on the loopback they share, named to its command', () => {
  using world = jailWorld()
  const [, , told = '', , ...command] = jailArgv(mac, { worktree: world.worktree, socket: join(world.root, 's') }, [
    'true',
  ])
  const { rules, env } = JSON.parse(told) as { rules: SeatbeltRules; env: Record<string, string> }

  expect(env.HTTPS_PROXY).toBe(`http://127.0.0.1:${rules.httpProxyPort}`)
  expect(command.join(' ')).toContain(`--port ${rules.httpProxyPort} -- true`)
  expect(new Set(Array.from({ length: 20 }, () => forwardPort(mac))).size).toBeGreaterThan(10)
})

test('where there is no seatbelt nothing runs, and that is said', async () => {
  using world = jailWorld()

  const ran = runJailed(mac, { worktree: world.worktree }, 'touch ran', { timeoutMs: 20_000, logFile: world.log })

  await expect(ran).rejects.toThrow('The jail did not start: seatbelt: there is no /usr/bin/sandbox-exec here')
  expect(existsSync(join(world.worktree, 'ran'))).toBe(false)
})

test('with a seatbelt that lets everything pass: its own environment, its worktree, a throw-away home, its exit code', async () => {
  using world = jailWorld()
  const inside = 'env; pwd; touch made "$HOME/x"; cat; exit 7'
  const policy = { worktree: world.worktree, env: { OWN: 'it’s $HOME' } }

  const { said, code } = await withStandIn(world, jailArgv(mac, policy, ['/bin/sh', '-c', inside]))

  expect(code).toBe(7)
  expect(said).toMatch(/^OWN=it’s \$HOME$/m)
  expect(said).toMatch(/typed$/)
  expect(said.split('\n')).toContain(world.worktree)
  expect(said).not.toMatch(/PLANTED|NO_PROXY|SANDBOX_RUNTIME|TMPDIR=\/tmp\/claude/)
  expect(existsSync(join(world.worktree, 'made'))).toBe(true)
  const [, temp = ''] = /^TMPDIR=(.*)$/m.exec(said) ?? []
  expect(said).toContain(`HOME=${temp}/home\n`)
  expect(temp).toMatch(/slc-\d+-\w{6}$/)
  expect(existsSync(temp)).toBe(false)
})

/** In a file system where /usr/bin/sandbox-exec drops its profile and runs the rest: all but the walls is ours to see on Linux. */
async function withStandIn(world: JailWorld, argv: string[]): Promise<{ said: string; code: number | null }> {
  const standIn = join(world.root, 'sandbox-exec')
  writeFileSync(standIn, '#!/bin/sh\nshift 2\nexec "$@"\n', { mode: 0o755 })
  const programs = ['sh', 'env', 'which', 'cat', 'touch'].flatMap((name) => {
    const path = `/usr/bin/${name}`
    return ['--ro-bind', realpathSync(path), path]
  })
  const bwrap = [
    '--dev-bind',
    '/',
    '/',
    '--tmpfs',
    '/usr/bin',
    ...programs,
    '--ro-bind',
    standIn,
    '/usr/bin/sandbox-exec',
  ]
  const child = spawn(findOnPath('bwrap'), [...bwrap, ...argv], {
    env: { PLANTED: 'x' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin?.end('typed')
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { said, code: code as number | null }
}

test('an environment that ps prints tells what belongs to a command', () => {
  const listing = '  12 sleep 5 A=1 SLUICE_TREE=abc B=2\n  13 sleep 5 SLUICE_TREE=abcd\n 140 node SLUICE_TREE=abc\n'

  expect([...markedIn(listing, 'SLUICE_TREE=abc')]).toEqual([12, 140])
})
