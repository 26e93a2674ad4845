/** A run in which a test is skipped is no green run. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const passes = "test('passes', () => {})"

test.each([
  "test.skip('is skipped', () => {})",
  "test.todo('is to be done')",
  "test.skipIf(true)('has no jail here', () => {})",
])('%s makes the run red, and is named', async (skipping) => {
  const { code, said } = await run([passes, skipping])

  expect(said).toMatch(/did not run: (is skipped|is to be done|has no jail here)/)
  expect(code).toBe(1)
})

test('a run of tests that all ran is green, and so is one of tests chosen by name', async () => {
  expect((await run([passes])).code).toBe(0)
  expect((await run([passes, "test('another', () => {})"], ['-t', 'passes'])).code).toBe(0)
})

async function run(tests: string[], args: string[] = []): Promise<{ code: number | null; said: string }> {
  // Below the checkout, where vitest is found.
  const dir = await mkdtemp(join(import.meta.dirname, '.no-skips-'))
  try {
    const config = `import { NoSkips } from '${join(import.meta.dirname, 'no-skips.ts')}'
      export default { test: { root: '${dir}', include: ['*.test.js'], reporters: ['default', new NoSkips()] } }`
    await writeFile(join(dir, 'vitest.config.js'), config)
    await writeFile(join(dir, 'one.test.js'), `import { test } from 'vitest'\n${tests.join('\n')}\n`)
    return await new Promise((resolve) => {
      const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
      const child = execFile(process.execPath, [vitest, 'run', ...args], { cwd: dir }, (_, stdout, stderr) =>
        resolve({ code: child.exitCode, said: stdout + stderr }),
      )
    })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
