/** Plants one fault in a copy, runs the tests that must notice it, and takes it out again. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Fault, planted } from './fault.ts'

export type Outcome = {
  fault: string
  /** `survived`: every test is green with the fault in it. `broken`: nothing was proven, neither red nor green. */
  result: 'caught' | 'survived' | 'broken'
  by: string
  seconds: number
}

/** Longer than any test file takes: a fault that makes one hang is noticed too, but by the test's own limit. */
const LIMIT_MS = 5 * 60_000

export async function tryFault(root: string, fault: Fault, signal?: AbortSignal): Promise<Outcome> {
  const began = performance.now()
  const file = join(root, fault.file)
  const sound = await readFile(file, 'utf8')
  await writeFile(file, planted(sound, fault))
  try {
    const tested = await runTests(root, fault.test, signal)
    return { fault: fault.name, ...verdictOn(tested), seconds: (performance.now() - began) / 1_000 }
  } finally {
    await writeFile(file, sound)
  }
}

/** Green without the fault, or a red with it says nothing: the tests that are not, by name. */
export async function redAlready(root: string, test: Fault['test'], signal?: AbortSignal): Promise<string[]> {
  const { passed, failed } = await runTests(root, test, signal)
  return passed + failed.length > 0 ? failed : [`${test.join(' ')} runs no test`]
}

type Tested = { passed: number; failed: string[] }

function verdictOn({ passed, failed }: Tested): Pick<Outcome, 'result' | 'by'> {
  if (failed[0] !== undefined) return { result: 'caught', by: failed[0] }
  return passed > 0 ? { result: 'survived', by: '' } : { result: 'broken', by: 'no test ran' }
}

const Report = z.object({
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })) })),
})

/** The first red test is enough. A file that cannot be loaded has no tests: it counts neither way. */
async function runTests(root: string, [file, pattern]: Fault['test'], signal?: AbortSignal): Promise<Tested> {
  const report = join(root, 'faults-report.json')
  await rm(report, { force: true })
  const args = ['run', file, '--bail', '1', '--reporter', 'json', '--outputFile', report]
  const vitest = spawn(process.execPath, [vitestOf(root), ...args, ...(pattern ? ['-t', pattern] : [])], {
    cwd: root,
    env: { ...process.env, CI: '1' },
    stdio: 'ignore',
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
    ...(signal ? { signal } : {}),
  })
  await once(vitest, 'exit')
  const written = await readFile(report, 'utf8').catch(() => '{"testResults":[]}')
  const tests = Report.parse(JSON.parse(written)).testResults.flatMap((result) => result.assertionResults)
  const named = (status: string) => tests.filter((test) => test.status === status).map((test) => test.fullName)
  return { passed: named('passed').length, failed: named('failed') }
}

const vitestOf = (root: string): string => join(root, 'node_modules', 'vitest', 'vitest.mjs')
