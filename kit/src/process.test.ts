/** That only the very process is ended, and that it is gone when the call returns. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { descendants, endProcess, endTree, processStart } from './process.ts'
import { longSleep, processesWith } from './testing/jail-world.ts'

async function started(command: string, env: NodeJS.ProcessEnv = process.env): Promise<ChildProcess & { pid: number }> {
  const child = spawn('bash', ['-c', `${command}; echo ready; read`], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env,
    detached: true,
  })
  if (child.pid === undefined) throw new Error('bash did not start')
  await once(child.stdout, 'data')
  return Object.assign(child, { pid: child.pid })
}

test('a process whose number was given to another one since is left alone', async () => {
  const child = await started('true')

  await endProcess({ pid: child.pid, start: 'an earlier boot:1' })

  expect(processStart(child.pid)).not.toBeNull()
  child.kill('SIGKILL')
})

test('a process is gone when its end is reported', async () => {
  const child = await started('trap "" TERM INT HUP')
  const start = processStart(child.pid) ?? ''

  await endProcess({ pid: child.pid, start })

  expect(processStart(child.pid)).toBeNull()
})

test('two looks at one process see the same start, two processes have two names', async () => {
  const [one, other] = [await started('true'), await started('true')]

  expect(processStart(one.pid)).toBe(processStart(one.pid))
  expect(`${one.pid} ${processStart(one.pid)}`).not.toBe(`${other.pid} ${processStart(other.pid)}`)
  expect(processStart(2 ** 22 + 1)).toBeNull()
  one.kill('SIGKILL')
  other.kill('SIGKILL')
})

test('a tree is ended with what left its session and was adopted by another parent', async () => {
  const [near, far] = [longSleep(), longSleep()]
  const script = `${near} & (setsid nohup ${far} >/dev/null 2>&1 &)`
  const child = await started(script, { ...process.env, MARK: 'this-tree' })
  const left = (): number[] => [...processesWith(near), ...processesWith(far)].filter((pid) => pid !== child.pid)
  // A process has no command line for a moment while it becomes another program.
  await vi.waitUntil(() => left().length === 2, 10_000)
  expect(descendants(child.pid, 'MARK=this-tree').map(({ pid }) => pid)).toEqual(expect.arrayContaining(left()))

  await endTree({ pid: child.pid, start: processStart(child.pid) ?? '' }, 'MARK=this-tree')

  expect(left()).toEqual([])
})
