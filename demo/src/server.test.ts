/** The scripted model as a process: it says where it listens and what it is, and goes when its parent does. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

const PROGRAM = join(import.meta.dirname, 'server.ts')

function start(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  return { child, exited, [Symbol.asyncDispose]: async () => void (child.kill() && (await exited)) }
}

test('it prints one line with its address, answers there labelled, and ends with the pipe of its parent', async () => {
  await using server = start([], { SLUICE_SUPERVISED: '1' })
  const [line] = (await once(createInterface(server.child.stdout), 'line')) as [string]

  const { url } = JSON.parse(line) as { url: string }
  const answer = await fetch(`${url}/v1/models`, { headers: { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' } })
  server.child.stdin.end()
  const [code] = await server.exited

  expect(answer.headers.get('x-sluice-scripted')).toBe('Sluice demo script')
  expect(code).toBe(0)
})

test('a pace it does not have is refused with a sentence', async () => {
  await using server = start(['--pace', 'slow'])
  const [chunk] = (await once(server.child.stderr, 'data')) as [Buffer]

  expect(String(chunk)).toContain('--pace is watch or fast, not slow.')
  expect((await server.exited)[0]).toBe(1)
})
