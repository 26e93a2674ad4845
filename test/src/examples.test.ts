/** The reviewers people begin with keep the contract, as the check for everybody's says. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { sluice } from '@sluice/cli/testing/run.ts'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

test.for<[language: string, needs: string, command: string[]]>([
  ['python', 'python3', ['python3', 'examples/reviewers/python/reviewer.py']],
  ['shell', 'curl', ['sh', 'examples/reviewers/shell/reviewer.sh']],
  ['typescript', process.execPath, [process.execPath, 'examples/reviewers/typescript/reviewer.ts']],
])('the example in %s passes the check', { timeout: 180_000 }, async ([, needs, command]) => {
  expect(hasProgram(needs), `${needs} is not on this machine: install it, the example is written in it.`).toBe(true)

  const { code, stdout, stderr } = await sluice(['reviewer', 'check', 'generic', '--', ...command], { cwd: root })

  expect(code, stdout + stderr).toBe(0)
})

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
