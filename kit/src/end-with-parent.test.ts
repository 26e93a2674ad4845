/** A supervised process is gone with the one that supervises it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

function start(env: Record<string, string>) {
  const module = join(import.meta.dirname, 'end-with-parent.ts')
  const script = `import { endWithParent } from ${JSON.stringify(module)}
    endWithParent(); console.log('here'); setInterval(() => undefined, 1000)`
  return spawn(process.execPath, ['--input-type=module', '-e', script], { env, stdio: ['pipe', 'pipe', 'inherit'] })
}

test('the end of its standard input is its own', async () => {
  const child = start({ SLUICE_SUPERVISED: '1' })
  await once(child.stdout, 'data')

  child.stdin.end()

  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
})

test('and nothing is written on the way out, as an exit of its own would do', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'slc-compiled-'))
  const child = start({ SLUICE_SUPERVISED: '1', NODE_COMPILE_CACHE: cache })
  await once(child.stdout, 'data')

  child.stdin.end()
  await once(child, 'exit')

  const files = (await readdir(cache, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  await rm(cache, { recursive: true })
  expect(files).toEqual([])
})

test('run alone it goes on without one', async () => {
  const child = start({})
  await once(child.stdout, 'data')

  child.stdin.end()
  await once(child.stdin, 'close')
  child.kill('SIGTERM')

  expect(await once(child, 'exit')).toEqual([null, 'SIGTERM'])
})
