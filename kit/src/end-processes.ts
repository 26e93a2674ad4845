/** Ends what earlier attempts of a run started, and waits until it is gone: nobody else works in its worktree. */
import { z } from 'zod'
import { endProcess, type ProcessRef } from './process.ts'
import type { Run } from './run.ts'

const ProcessEntry = z.object({ pid: z.int(), start: z.string() })

export async function endProcesses(run: Run): Promise<void> {
  const entries = run.entries().filter((entry) => entry.kind === 'process')
  const refs: ProcessRef[] = entries.map((entry) => ProcessEntry.parse(entry.data))
  await Promise.all(refs.map((ref) => endProcess(ref)))
}
