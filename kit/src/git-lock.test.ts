import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lockGitDir } from './git-lock.ts'

async function directory() {
  const path = await mkdtemp(join(tmpdir(), 'sluice-lock-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

test('one holder at a time', async () => {
  await using dir = await directory()
  let inside = 0
  const seen: number[] = []

  await Promise.all(
    Array.from({ length: 20 }, async () => {
      using _lock = await lockGitDir(dir.path)
      seen.push(++inside)
      await Promise.resolve()
      inside--
    }),
  )

  expect(new Set(seen)).toEqual(new Set([1]))
  expect(seen).toHaveLength(20)
})

test('another process holds it until it is killed, and not longer', async () => {
  await using dir = await directory()
  const script = `
    const { lockGitDir } = await import(${JSON.stringify(new URL('git-lock.ts', import.meta.url).href)})
    await lockGitDir(${JSON.stringify(dir.path)})
    console.log('held')
    setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  await expect(lockGitDir(dir.path, AbortSignal.timeout(50))).rejects.toThrow(/abort/i)

  holder.kill('SIGKILL')

  using lock = await lockGitDir(dir.path)
  expect(lock).toBeDefined()
})
