/** Ends what earlier attempts of a run started, and waits until it is gone: nobody else works in its worktree. */
import { z } from 'zod'
import { endProcess, type ProcessRef } from './process.ts'
import type { Run } from './run.ts'

const ProcessEntry = z.object({ pid: z.int(), start: z.string() })

export async function endProcesses(run: Pick<Run, 'earlier' | 'entries'>): Promise<void> {
  // A run that was taken from its role in the middle left what it had started.
  const entries = [...run.earlier, ...run.entries()].filter((entry) => entry.kind === 'process')
  const refs: ProcessRef[] = entries.map((entry) => ProcessEntry.parse(entry.data))
  await Promise.all(refs.map((ref) => endProcess(ref)))
}
