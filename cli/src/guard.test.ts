/** A program behind its guard: known by its own process id, gone with the pipe. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { processStart } from '@sluice/kit/process.ts'
import { expect, test, vi } from 'vitest'
import { guarded, guardedGroup } from './guard.ts'

function start(...command: string[]) {
  const [file = '', ...args] = guarded(command)
  return spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
}

test('it ends when our end of its standard input does', async () => {
  const child = start('sleep', '600')
  await once(child, 'spawn')

  child.stdin.destroy()

  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
})

test('the process we know is the program itself', async () => {
  const child = start('sh', '-c', 'echo $$; exec sleep 600')
  const [said] = await once(child.stdout, 'data')

  expect(Number(said)).toBe(child.pid)

  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM'])
})

test('how it ended is how we see it end', async () => {
  const child = start('sh', '-c', 'exit 3')

  expect(await once(child, 'exit')).toEqual([3, null])
})

test('somebody else’s program sees our end of its standard input go, and has a moment to leave by itself', async () => {
  const [file = '', ...args] = guardedGroup(['sh', '-c', 'cat; exit 5'])
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  await once(child, 'spawn')

  child.stdin.destroy()

  expect(await once(child, 'exit')).toEqual([5, null])
})

test('one that does not see it is ended with all it started', async () => {
  const [file = '', ...args] = guardedGroup(['sh', '-c', 'sleep 600 & echo $!; wait'])
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  const [started] = await once(child.stdout, 'data')

  child.stdin.destroy()

  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  await vi.waitUntil(() => processStart(Number(started)) === null, 5_000)
})
