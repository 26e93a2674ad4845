/** Ways out of a jail, each tried without it first, where it must succeed. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { spawn as spawnPty } from 'node-pty'
import { expect, test, vi } from 'vitest'
import { type Executed, runJailed } from './exec.ts'
import { type Jail, type JailPolicy, jailArgv, spawnJailed } from './jail.ts'
import { descendants, type ProcessRef, processStart } from './process.ts'
import { findOnPath } from './testing/find.ts'
import { type JailWorld, jailed, jailWorld, longSleep, processesWith, SECRET, unjailed } from './testing/jail-world.ts'

const run = (jail: Jail, world: JailWorld, command: string, more: Partial<JailPolicy> = {}): Promise<Executed> => {
  const policy = { worktree: world.worktree, hidden: [world.data], ...more }
  return runJailed(jail, policy, command, { timeoutMs: 20_000, logFile: world.log })
}

const escapes: [what: string, command: (world: JailWorld) => string][] = [
  ['read a secret in the home', () => 'cat "$HOME/secret"'],
  ['read the token of the data directory', ({ data }) => `cat ${data}/token`],
  ['read another story’s worktree', ({ data }) => `ls ${data}/other/file.txt && echo ${SECRET}`],
  ['read the credential in the repository’s config', () => 'cat "$(git rev-parse --git-common-dir)/config"'],
  ['ask git for the remote', () => 'git remote -v'],
]

test.each(escapes)('nobody in a jail can %s', async (_, command) => {
  using world = jailWorld()
  const free = await run(unjailed, world, command(world))
  expect(free.log.tail).toContain(SECRET)

  const held = await run(jailed(), world, command(world), { readable: [world.root] })

  expect(held.log.tail).not.toContain(SECRET)
})

const writes: [what: string, command: (world: JailWorld) => string, file: (world: JailWorld) => string][] = [
  ['beside the worktree', ({ root }) => `echo x > ${root}/planted`, ({ root }) => join(root, 'planted')],
  ['in the home', () => 'echo x > "$HOME/planted"', ({ home }) => join(home, 'planted')],
  ['in the temporary directory', ({ root }) => `mkdir -p ${root}; echo x > ${root}/x`, ({ root }) => join(root, 'x')],
  [
    'a hook of the repository',
    () => 'd=$(git rev-parse --git-common-dir)/hooks; mkdir -p "$d"; echo x > "$d/planted"',
    ({ repository }) => join(repository, '.git/hooks/planted'),
  ],
]

test.each(writes)('nothing in a jail can write %s', async (_, command, file) => {
  using free = jailWorld()
  await run(unjailed, free, command(free))
  expect(existsSync(file(free))).toBe(true)
  using world = jailWorld()

  await run(jailed(), world, command(world))

  expect(existsSync(file(world))).toBe(false)
})

test.each([
  ['removed', 'rm -rf .git && mkdir .git'],
  ['moved away', 'mv .git git-that-was'],
  ['overwritten', 'echo "gitdir: /tmp/evil" > .git'],
])('the .git of a worktree cannot be %s', async (_, command) => {
  using free = jailWorld()
  expect((await run(unjailed, free, command)).exitCode).toBe(0)
  using world = jailWorld()
  const before = readFileSync(join(world.worktree, '.git'), 'utf8')

  const held = await run(jailed(), world, command)

  expect(held.exitCode).not.toBe(0)
  expect(readFileSync(join(world.worktree, '.git'), 'utf8')).toBe(before)
})

test('a whole repository as worktree shows neither its remote nor its hooks, and cannot be written to', async () => {
  using world = jailWorld()
  const inside =
    'cat .git/config; git remote -v; touch .git/planted; git commit --allow-empty -m x; git status --short; git log'
  const free = await run(unjailed, world, inside, { worktree: world.repository })
  expect(free.log.tail).toContain(SECRET)

  const held = await run(jailed(), { ...world }, `${inside}; ls .git`, { worktree: world.repository })

  expect(held.log.tail).not.toContain(SECRET)
  expect(held.log.tail).not.toContain('hooks')
  expect(held.log.tail).toContain('Begin')
})

test('status, diff and log of git work in a jail, and a commit does not', async () => {
  using world = jailWorld()

  const held = await run(
    jailed(),
    world,
    'echo two >> file.txt; git status --short; git diff; git log --format=%s; git -c user.name=A -c user.email=a@b commit -aqm no || echo refused',
  )

  expect(held.log.tail).toMatch(/ M file\.txt[\s\S]*\+two[\s\S]*Begin[\s\S]*refused/)
  expect(readFileSync(join(world.worktree, 'file.txt'), 'utf8')).toBe('one\ntwo\n')
})

test('a server on the machine’s loopback cannot be reached', async () => {
  using world = jailWorld()
  const server = createServer((_, response) => response.end(SECRET)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const ask = `curl -s -m 3 http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  expect((await run(unjailed, world, ask)).log.tail).toBe(SECRET)

  const held = await run(jailed(), world, ask)

  expect(held.exitCode).toBe(7) // curl(1): failed to connect
  server.close()
})

test('a socket that is not the run’s own is not there', async () => {
  using world = jailWorld()
  const socket = join(world.root, 'other.sock')
  const server = createServer((_, response) => response.end(SECRET)).listen(socket)
  await once(server, 'listening')
  const ask = `curl -s -m 3 --unix-socket ${socket} http://x/`
  expect((await run(unjailed, world, ask)).log.tail).toBe(SECRET)

  const held = await run(jailed(), world, ask)

  expect(held.log.tail).toBe('')
  server.close()
})

test('the environment of the process that starts the jail cannot be read', async () => {
  using world = jailWorld()
  const look = ['cat', '/proc/1/environ']
  const careless = { env: { PLANTED: SECRET }, stdio: ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'] }
  const bare = ['--ro-bind', '/', '/', '--unshare-pid', '--proc', '/proc', '--clearenv']
  expect(await text(spawn(findOnPath('bwrap'), [...bare, ...look], careless).stdout)).toContain(SECRET)

  const [file = '', ...args] = jailArgv(jailed(), { worktree: world.worktree }, look)

  expect(await text(spawn(file, args, careless).stdout)).not.toContain(SECRET)
})

test('a directory that Sluice was started with and that is left open is no way out', async () => {
  using world = jailWorld()
  const way = 'cat /proc/self/fd/7/secret'
  const through = (command: string[]) =>
    text(spawn('bash', ['-c', 'exec 7<"$HOME"; exec "$@"', '-', ...command]).stdout)
  const bare = [
    findOnPath('bwrap'),
    '--ro-bind',
    '/usr',
    '/usr',
    '--symlink',
    'usr/lib64',
    '/lib64',
    '--symlink',
    'usr/lib',
    '/lib',
  ]
  expect(await through([...bare, '--proc', '/proc', '/usr/bin/bash', '-c', way])).toContain(SECRET)

  const held = await through(jailArgv(jailed(), { worktree: world.worktree }, ['bash', '-c', way]))

  expect(held).not.toContain(SECRET)
})

test('nothing behind a link in the worktree is mounted for writing', async () => {
  using world = jailWorld()
  symlinkSync(world.home, join(world.worktree, 'cache'))
  const policy = { worktree: world.worktree, writable: [join(world.worktree, 'cache')] }

  expect(() => jailArgv(jailed(), policy, ['true'])).toThrow('cache is a link, or lies behind one.')
})

test('the terminal Sluice was started on is out of reach', async () => {
  using world = jailWorld()
  const type = 'echo typed > /dev/tty'
  const onTerminal = (file: string, args: string[]): Promise<number> => {
    const pty = spawnPty(file, args, { env: { PATH: process.env.PATH }, cwd: '/' })
    return new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)))
  }
  const [bwrap = '', ...args] = jailArgv(jailed(), { worktree: world.worktree }, ['bash', '-c', type])
  expect(await onTerminal(bwrap, args)).toBe(0)

  const owner = join(import.meta.dirname, 'testing/jail-owner.ts')
  const exitCode = await onTerminal(process.execPath, [owner, 'once', world.worktree, type])

  expect(exitCode).toBe(1)
})

test('nobody else’s processes are seen, nor their environment', async () => {
  using world = jailWorld()
  const other = spawn('sleep', ['600'], { env: { ...process.env, PLANTED: SECRET }, stdio: 'ignore' })
  const look = `cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep PLANTED=`
  expect((await run(unjailed, world, look)).log.tail).toContain(SECRET)

  const held = await run(jailed(), world, look)

  expect(held.log.tail).toBe('')
  other.kill('SIGKILL')
})

test('what a command leaves behind ends with its jail, however it hid', async () => {
  using world = jailWorld()
  const orphan = (sleep: string): string => `setsid nohup env -i ${sleep} >/dev/null 2>&1 & sleep 0.1`
  const free = longSleep()
  execFileSync('bash', ['-c', orphan(free)])
  expect(processesWith(free)).toHaveLength(1)
  for (const pid of processesWith(free)) process.kill(pid, 'SIGKILL')
  const held = longSleep()

  await run(jailed(), world, orphan(held))

  expect(processesWith(held)).toEqual([])
})

test('what is hidden stays hidden in what is readable, and the worktree in it can be written', async () => {
  using world = jailWorld()
  const look = `cat ${world.data}/token; ls ${world.repository}; echo x > new.txt`
  const open = await run(jailed(), world, look, { readable: [world.root], hidden: [] })
  expect(open.log.tail).toContain(SECRET)

  const held = await run(jailed(), world, look, { readable: [world.root] })

  expect(held.log.tail).not.toContain(SECRET)
  expect(held.log.tail).toContain('file.txt')
  expect(existsSync(join(world.worktree, 'new.txt'))).toBe(true)
})

test('a credential in the home is hidden where the tools beside it are readable', async () => {
  using world = jailWorld()
  execFileSync(
    'bash',
    ['-c', 'mkdir -p .cargo/bin; printf "#!/bin/sh\necho tool runs" > .cargo/bin/tool; chmod +x .cargo/bin/tool'],
    {
      cwd: world.home,
    },
  )
  writeFileSync(join(world.home, '.cargo/credentials.toml'), SECRET)
  vi.stubEnv('PATH', `${world.home}/.cargo/bin:${process.env.PATH}`)

  const held = await run(jailed(), world, 'tool; cat ~/.cargo/credentials.toml')

  expect(held.log.tail).toContain('tool runs')
  expect(held.log.tail).not.toContain(SECRET)
  vi.unstubAllEnvs()
})

test.each(['exec', 'early', 'shell', 'browser', 'early-browser'])(
  'kill -9 of the owner of a jail (%s) leaves nothing within two seconds',
  async (what) => {
    using world = jailWorld()
    const sleep = longSleep()
    const mark = what === 'browser' ? 'type=renderer' : sleep
    const script = join(import.meta.dirname, 'testing/jail-owner.ts')
    const owner = spawn(process.execPath, [script, what, world.worktree, sleep], { stdio: 'inherit' })
    const below = (): ProcessRef[] => descendants(owner.pid ?? 0)
    const pids = (): number[] => below().map(({ pid }) => pid)
    await vi.waitUntil(() => processesWith(mark, pids()).length > 0, { timeout: 20_000 })
    const tree = below()

    owner.kill('SIGKILL')

    await vi.waitUntil(() => tree.every(({ pid, start }) => processStart(pid) !== start), { timeout: 2000 })
  },
)

test('on pipes it starts without a word: no shell on the way runs the person’s own start-up file', async () => {
  using world = jailWorld()
  const policy = { worktree: world.worktree }
  const { child, exited } = spawnJailed(jailed(), policy, ['cat'], { stdio: ['pipe', 'pipe', 'pipe'] })
  const commandLine = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0')

  child.stdin?.end('said')
  const [said, complained] = await Promise.all([child.stdout && text(child.stdout), child.stderr && text(child.stderr)])
  await exited

  expect([said, complained]).toEqual(['said', ''])
  // Where that file is silent only the command line tells.
  expect(commandLine.includes('/bin/bash') && !commandLine.includes('--norc')).toBe(false)
})
