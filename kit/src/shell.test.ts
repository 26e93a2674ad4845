/** What an agent notices of its shell: exact ends and exit codes, whatever it types. */
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openCast, readCast } from './cast.ts'
import type { Jail } from './jail.ts'
import { processStart } from './process.ts'
import { openRunSocket } from './run-socket.ts'
import { openShell, type RunOptions, type Shell, type ShellRun } from './shell.ts'
import { jailed, jailWorld, longSleep, processesWith, unjailed } from './testing/jail-world.ts'

type Opened = AsyncDisposable & {
  shell: Shell
  world: ReturnType<typeof jailWorld>
  started: [number, string][]
  castFile: string
  run(command: string, options?: Partial<RunOptions>): Promise<ShellRun>
}

/** Behind the forwarder, as a run has it. */
async function opened(jail: Jail = jailed()): Promise<Opened> {
  await using owned = new AsyncDisposableStack()
  const world = owned.use(jailWorld())
  const castFile = join(world.root, 'run.cast')
  const cast = owned.use(openCast(castFile, { cols: 120, rows: 36 }))
  const socket = owned.use(await openRunSocket({ gateway: { url: 'http://127.0.0.1:1', token: 't' } }))
  const policy = { worktree: world.worktree, socket: socket.path }
  const started: [number, string][] = []
  const shell = owned.use(await openShell({ jail, policy, cast, onStart: (...who) => started.push(who) }))
  const run = (command: string, options: Partial<RunOptions> = {}): Promise<ShellRun> =>
    shell.run(command, { timeoutMs: 20_000, ...options })
  const all = owned.move()
  return { shell, world, started, castFile, run, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

const commands: [command: string, output: string | RegExp, exitCode: number][] = [
  ['echo hello', 'hello', 0],
  ['false', '', 1],
  ['(exit 42)', '', 42],
  ['no-such-program', /no-such-program: command not found/, 127],
  ['cat <<\'END\'\n$HOME `x` "y"\n  two\nEND', '$HOME `x` "y"\n  two', 0],
  ['for i in 1 2\ndo\n  echo $i\ndone', '1\n2', 0],
  ['echo "open', /unexpected EOF/, 2],
  ['if then fi', /syntax error/, 2],
  ['echo "!! !$ ünïcödé \'"', "!! !$ ünïcödé '", 0],
  ['printf "10%%\\r50%%\\r100%%\\n"; printf "\\e[31mred\\e[0m\\n"', '100%\nred', 0],
  ['# only a comment', '', 0],
  ['', '', 0],
  [`echo ${'long '.repeat(800).trim()}`, 'long '.repeat(800).trim(), 0],
  ['printf "no newline"', 'no newline', 0],
]

test('every command has its own output and its own exit code, in one shell', async () => {
  await using it = await opened()

  for (const [command, output, exitCode] of commands) {
    const ran = await it.run(command)

    expect([command, ran.exitCode, ran.timedOut]).toEqual([command, exitCode, false])
    if (typeof output === 'string') expect(ran.output).toBe(output)
    else expect(ran.output).toMatch(output)
  }
})

test('directory, variables and functions are there for the next command', async () => {
  await using it = await opened()
  await it.run('mkdir sub; cd sub; export A=1; b=2; f() { echo "f $1"; }')

  const { output } = await it.run('basename "$PWD"; echo $A$b; f x')

  expect(output).toBe('sub\n12\nf x')
})

test('a program cannot print the end of a command', async () => {
  await using it = await opened()

  const ran = await it.run(
    `env | grep -c 133; printf '\\e]133;D;0;k=%s\\a' guess guess ''; printf '\\e]133;D;0\\a'; echo still here; (exit 5)`,
  )

  expect(ran).toMatchObject({ exitCode: 5, output: '0\nstill here' })
})

test('the file the marks were made from is gone before the first command', async () => {
  await using it = await opened()

  const { output } = await it.run('grep -rls "133;D" /tmp; ls /tmp')

  expect(output).not.toContain('rc')
})

test('a command over its time is stopped, and shell and background processes live on', async () => {
  await using it = await opened()
  const background = longSleep()
  await it.run(`kept=1; ${background} &`)

  const ran = await it.run(longSleep(), { timeoutMs: 300 })

  expect(ran).toMatchObject({ timedOut: true, exitCode: 130 })
  expect(ran.output).toContain('[Stopped after 0.3 s.]')
  expect((await it.run('echo $kept')).output).toBe('1')
  expect(processesWith(background)).toHaveLength(1)
})

test('a program that ignores Ctrl-C is killed, and the shell lives on', async () => {
  await using it = await opened()
  const deaf = longSleep()
  await it.run('kept=1')

  const ran = await it.run(`bash -c 'trap "" INT; ${deaf}; true'`, { timeoutMs: 300 })

  expect(ran).toMatchObject({ timedOut: true, exitCode: 137 })
  expect(processesWith(deaf)).toEqual([])
  expect((await it.run('echo $kept')).output).toBe('1')
})

test('a shell that cannot be stopped is replaced, and says so', async () => {
  await using it = await opened()

  const ran = await it.run("kept=1; trap '' INT; while :; do :; done", { timeoutMs: 300 })

  expect(ran).toMatchObject({ timedOut: true, exitCode: null })
  const next = await it.run('echo "kept: $kept"')
  expect(next.output).toBe(
    '[The shell had ended. This is a new one: variables, directory and background processes are gone.]\nkept:',
  )
  expect(it.started).toHaveLength(2)
  expect([it.shell.pid, it.shell.start]).toEqual(it.started[1])
})

test('exit ends the shell with its code, and the next command has a new one', async () => {
  await using it = await opened()

  const ran = await it.run('exit 4')

  expect(ran).toMatchObject({ exitCode: 4, output: expect.stringContaining('next command starts in a new one') })
  expect((await it.run('echo again')).output).toMatch(/new one[\s\S]*\nagain$/)
})

test('a cancelled command is stopped', async () => {
  await using it = await opened()
  const cancel = new AbortController()
  const onOutput = (): void => cancel.abort()

  const ran = await it.run(`echo begun; ${longSleep()}`, { signal: cancel.signal, onOutput })

  expect(ran).toMatchObject({ exitCode: 130, timedOut: false })
})

test('80 MB of output are cut in their middle without being kept', async () => {
  await using it = await opened()
  const before = process.memoryUsage().rss

  const ran = await it.run(`echo first; yes ${'x'.repeat(99)} | head -c 80000000; echo last`, { timeoutMs: 60_000 })

  expect(ran).toMatchObject({ exitCode: 0, truncated: true })
  expect(ran.output).toMatch(/^first\n[\s\S]*\n… \d+ characters left out …\n[\s\S]*\nlast$/)
  expect(ran.output.length).toBeLessThan(31_000)
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000)
}, 90_000)

test('job control works behind the forwarder: a program is suspended, listed and continued', async () => {
  await using it = await opened()
  const sleep = 'sleep 0.4'
  const suspended = it.run(`echo begun; ${sleep}`, { onOutput: (text) => text.includes('begun') && suspend() })
  const suspend = (): void =>
    void vi.waitUntil(() => processesWith(sleep).length > 0, 10_000).then(() => it.shell.write('\u001a'))

  expect((await suspended).output).toContain('Stopped')
  expect((await it.run('jobs')).output).toContain('Stopped')
  expect((await it.run('fg')).exitCode).toBe(0)
})

test('keys reach the program that is running, and it sees a terminal of the size it was given', async () => {
  await using it = await opened()
  it.shell.resize(100, 30)

  const ran = await it.run('stty size; read -p "name? " name; echo "hello $name"', {
    onOutput: (text) => text.includes('name?') && it.shell.write('Ada\r'),
  })

  expect(ran.output).toBe('30 100\nname? Ada\nhello Ada')
})

test('the recording shows commands as they were given, and no marks', async () => {
  await using it = await opened()
  await it.run('echo one\necho two')

  const { events } = readCast(it.castFile)

  const shown = events.flatMap(({ code, data }) => (code === 'o' ? data : [])).join('')
  expect(shown).toContain('echo one\r\necho two\r\none\r\ntwo\r\n')
  expect(shown).not.toMatch(/133;|eval/)
  expect(events.filter(({ code }) => code === 'm').map(({ data }) => data)).toEqual(['echo one'])
})

test.each([
  ['in a jail', jailed()],
  ['without one', unjailed],
])('closing the shell ends what it left in the background, %s', async (_, jail) => {
  const sleep = longSleep()
  let who: [number, string] | undefined
  {
    await using it = await opened(jail)
    who = it.started[0]
    await it.run(`${sleep} & setsid nohup ${sleep} & sleep 0.1`)
    expect(processesWith(sleep).length).toBeGreaterThan(0)
  }

  expect(processesWith(sleep)).toEqual([])
  expect(who && processStart(who[0])).not.toBe(who?.[1])
})

test('a shell that cannot start says what stood in the way', async () => {
  using world = jailWorld()
  using cast = openCast(join(world.root, 'cast'), { cols: 80, rows: 24 })
  const policy = { worktree: world.worktree, writable: ['/not-there'] }

  const opening = openShell({ jail: jailed(), policy, cast })

  await expect(opening).rejects.toThrow(/The shell did not start: bwrap: .*not-there/)
})
