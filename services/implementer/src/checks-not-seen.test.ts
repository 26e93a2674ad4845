/** What is said of checks that were not seen green. */
import { memoryRun } from '@sluice/kit/testing/memory-run.ts'
import { expect, test } from 'vitest'
import { checksNotSeen } from './checks-not-seen.ts'

const checks = [
  { name: 'lint', command: 'npm run lint' },
  { name: 'test', command: 'npm test' },
]
const ran = async (...calls: [string, number][]) => {
  const run = memoryRun()
  for (const [text, exitCode] of calls)
    await run.append('note', {
      type: 'tool',
      state: 'ended',
      callId: 'c',
      tool: 'shell',
      text,
      ok: exitCode === 0,
      exitCode,
    })
  return checksNotSeen(run, checks)
}

test('checks whose last run was green hold nothing back', async () => {
  const seen = await ran(['npm run lint', 1], ['cd app && npm run lint', 0], ['npm test', 0])

  expect(seen.once()).toBeNull()
  expect(seen.note()).toBe('')
})

test('one that was not run, or was red last, is said once, then stands in the summary', async () => {
  const seen = await ran(['npm run lint:fix', 0], ['npm test', 0], ['npm test', 2])

  const said = seen.once()

  expect(said).toContain('lint (not run), test (exit code 2)')
  expect(seen.once()).toBeNull()
  expect(seen.note()).toBe('\n\nNot seen green before the hand-in: lint (not run), test (exit code 2).')
})
