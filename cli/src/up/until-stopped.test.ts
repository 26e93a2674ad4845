/** Ctrl-C as a person presses it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { expect, test } from 'vitest'

/** Says when it is asked to stop, and takes for ever about it. */
function start() {
  const module = join(import.meta.dirname, 'until-stopped.ts')
  const script = `import { untilStopped } from ${JSON.stringify(module)}
    untilStopped(() => console.log('stopping'))
    console.log('here'); setInterval(() => undefined, 1000)`
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] })
}

test('the press that npm passes on a second time is one press; another one stops at once', async () => {
  const child = start()
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  expect(String((await once(child.stdout, 'data'))[0])).toBe('stopping\n')
  child.kill('SIGINT')
  // Longer than two signals of one press are apart.
  await after(700)
  expect(child.exitCode).toBeNull()

  child.kill('SIGINT')

  expect(await once(child, 'exit')).toEqual([130, null])
})
