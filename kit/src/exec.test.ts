/** What set-up commands and checks leave as evidence, and that they always end. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type ExecOptions, type Executed, runJailed } from './exec.ts'
import type { Jail } from './jail.ts'
import { endProcess, processStart } from './process.ts'
import { jailed, jailWorld, longSleep, processesWith, unjailed } from './testing/jail-world.ts'

type Ran = Executed & { text: string }

async function run(command: string, options: Partial<ExecOptions> = {}, jail: Jail = jailed()): Promise<Ran> {
  using world = jailWorld()
  const all = { timeoutMs: 20_000, logFile: world.log, ...options }
  const executed = await runJailed(jail, { worktree: world.worktree }, command, all)
  return { ...executed, text: readFileSync(world.log, 'utf8') }
}

test('the log holds both streams in their order, and its digest is the file’s', async () => {
  const { exitCode, log, text } = await run('echo one; echo two >&2; echo three; exit 3')

  expect(exitCode).toBe(3)
  expect(text).toBe('one\ntwo\nthree\n')
  expect(log).toMatchObject({ bytes: 14, tail: text, sha256: createHash('sha256').update(text).digest('hex') })
})

test('a log over its limit ends with a note, the command runs on, its last words are kept', async () => {
  const { exitCode, log, text } = await run('seq 1 100000; echo last words', { maxLogBytes: 1000 })

  expect(exitCode).toBe(0)
  expect(text).toMatch(/^1\n2\n[\s\S]{990,1000}\n\[The log ends here: \d+ more bytes were left out\.\]\n$/)
  expect(log.tail).toMatch(/100000\nlast words\n$/)
  expect(log.sha256).toBe(createHash('sha256').update(text).digest('hex'))
})

test.each([
  ['in a jail', jailed()],
  ['without one', unjailed],
])('a command that takes too long is ended with all it started, %s', async (_, jail) => {
  const sleep = longSleep()

  const executed = await run(`echo begun; ${sleep} & setsid nohup ${sleep} & ${sleep}`, { timeoutMs: 500 }, jail)

  expect(executed).toMatchObject({ exitCode: null, timedOut: true })
  expect(executed.text).toContain('begun')
  expect(processesWith(sleep)).toEqual([])
})

test.each([
  ['in a jail', jailed()],
  ['without one', unjailed],
])('a background process that holds the output open does not hold up the end, %s', async (_, jail) => {
  const sleep = longSleep()

  const executed = await run(`setsid ${sleep} & echo done`, {}, jail)

  expect(executed).toMatchObject({ exitCode: 0, timedOut: false })
  expect(processesWith(sleep)).toEqual([])
})

test('a cancelled command is ended, and the call says why', async () => {
  const cancel = new AbortController()
  const sleep = longSleep()
  const reason = new Error('the story was cancelled')

  const running = run(sleep, { signal: cancel.signal, onStart: () => cancel.abort(reason) })

  await expect(running).rejects.toBe(reason)
  expect(processesWith(sleep)).toEqual([])
})

test('ended by its process id, a command is not taken for one that failed', async () => {
  const sleep = longSleep()
  const ends: Promise<void>[] = []

  const running = run(sleep, { onStart: (pid, start) => ends.push(endProcess({ pid, start })) })

  await expect(running).rejects.toThrow('ended from outside')
  await Promise.all(ends)
})

test('a command killed by its own signal has the exit code a shell would say, in a jail and without one', async () => {
  expect((await run('kill -KILL $$')).exitCode).toBe(137)
  expect((await run('kill -KILL $$', {}, unjailed)).exitCode).toBe(137)
})

test('a jail that cannot be set up is an error, not a failed check', async () => {
  using world = jailWorld()
  const policy = { worktree: world.worktree, writable: [`${world.root}/not-there`] }

  const running = runJailed(jailed(), policy, 'true', { timeoutMs: 20_000, logFile: world.log })

  await expect(running).rejects.toThrow(/The jail did not start: bwrap: .*not-there/)
})

test('the process told at the start is the one that runs', async () => {
  const seen: { pid: number; start: string; running: boolean }[] = []

  await run('true', { onStart: (pid, start) => seen.push({ pid, start, running: processStart(pid) === start }) })

  expect(seen).toMatchObject([{ running: true }])
  expect(existsSync(`/proc/${seen[0]?.pid}`)).toBe(false)
})
