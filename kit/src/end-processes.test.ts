import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { endProcesses } from './end-processes.ts'
import { processStart } from './process.ts'
import type { Entry } from './run.ts'
import { memoryRun } from './testing/memory-run.ts'

test('what earlier attempts started is ended, and what the run before this one did as well', async () => {
  const [mine, before] = [started(), started()]
  const run = { ...memoryRun({ entries: [mine.entry] }), earlier: [before.entry] }

  await endProcesses(run)

  await Promise.all([mine, before].map(({ ended }) => ended))
  expect([mine, before].map(({ pid }) => processStart(pid))).toEqual([null, null])
})

function started() {
  const child = spawn('sleep', ['86396'], { stdio: 'ignore' })
  const pid = child.pid ?? 0
  const data = { pid, start: processStart(pid) ?? '' }
  const entry: Entry = { kind: 'process', attempt: 1, at: '2026-01-01T00:00:00Z', data }
  return { pid, entry, ended: once(child, 'exit') }
}
