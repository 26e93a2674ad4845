/** What .ci/run says last is what vitest counted, and nothing else. */
import { spawn } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshCheckout, outcome } from './fresh-checkout.ts'

const failed = { status: 'failed', assertionResults: [{ status: 'failed' }] }
const passed = { status: 'passed', assertionResults: [{ status: 'passed' }] }
const unloaded = { status: 'failed', assertionResults: [] }

test('everything passed: the counts, and success', async () => {
  const { code, lastLine } = await ci({ numPassedTests: 12, numFailedTests: 0, testResults: [passed] })

  expect({ code, lastLine }).toEqual({ code: 0, lastLine: '12 passed, 0 failed' })
})

test('a test that failed is counted, and verify’s exit code is kept', async () => {
  const { code, lastLine } = await ci({ numPassedTests: 11, numFailedTests: 1, testResults: [passed, failed] }, 3)

  expect({ code, lastLine }).toEqual({ code: 3, lastLine: '11 passed, 1 failed' })
})

test('a file that did not load counts as failed, whatever verify made of it', async () => {
  const { code, lastLine } = await ci({ numPassedTests: 12, numFailedTests: 0, testResults: [passed, unloaded] })

  expect({ code, lastLine }).toEqual({ code: 1, lastLine: '12 passed, 1 failed' })
})

test.each(['skipped', 'todo', 'pending'])('a test that is %s counts as failed, and is named', async (status) => {
  const left = { status: 'passed', assertionResults: [{ status, fullName: 'the jail holds' }] }

  const { code, lastLine, stderr } = await ci({ numPassedTests: 12, numFailedTests: 0, testResults: [passed, left] })

  expect({ code, lastLine }).toEqual({ code: 1, lastLine: '12 passed, 1 failed' })
  expect(stderr).toContain('did not run: the jail holds')
})

test('a skip that only the count tells of counts all the same', async () => {
  const { lastLine } = await ci({ numPassedTests: 2, numFailedTests: 0, numPendingTests: 3, testResults: [passed] })

  expect(lastLine).toBe('2 passed, 3 failed')
})

test('without a result nothing is called passed', async () => {
  const { code, stdout, stderr } = await ci(undefined)

  expect(code).toBe(1)
  expect(stdout).not.toMatch(/passed/)
  expect(stderr).toMatch(/npm test left no result/)
})

test('no test at all is no success', async () => {
  const { code } = await ci({ numPassedTests: 0, numFailedTests: 0, testResults: [] })

  expect(code).toBe(1)
})

/** Runs .ci/run where all programs are there already and `npm run verify` leaves this result and ends with `status`. */
async function ci(result: object | undefined, status = 0) {
  await using checkout = await freshCheckout()
  for (const name of ['bwrap', 'tmux', 'nats-server', 'python3', 'curl', 'chromium']) await checkout.put(name, 'exit 0')
  await symlink(process.execPath, join(checkout.bin, 'node'))
  for (const name of ['bash', 'dirname', 'grep', 'id', 'mktemp'])
    await symlink(`/usr/bin/${name}`, join(checkout.bin, name))
  const leave = result ? `echo '${JSON.stringify(result)}' > "$SLUICE_TEST_RESULTS"` : ':'
  await checkout.npm(`${leave}; exit ${status}`)

  const ran = await outcome(spawn(join(checkout.root, 'checkout', '.ci', 'run'), { env: checkout.machine.env }))
  return { ...ran, lastLine: ran.stdout.trimEnd().split('\n').at(-1) }
}
