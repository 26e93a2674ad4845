/** A program behind its guard: known by its own process id, gone with the pipe. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { guarded } from './guard.ts'

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
