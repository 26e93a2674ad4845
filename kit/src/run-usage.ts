/** What a run spent: every call of a model once, as it was last told. */
import { addUsage, noUsage, type Usage } from '@sluice/proto/parts.ts'
import type { Entry, UsageEntry } from './run.ts'

export const usageOfRun = (entries: readonly Entry[]): Usage =>
  callsOf(entries).reduce((sum, { usage }) => addUsage(sum, usage), noUsage)

function callsOf(entries: readonly Entry[]): UsageEntry[] {
  const told = entries.filter(({ kind }) => kind === 'usage').map(({ data }) => data as UsageEntry)
  return told.filter(({ call }, i) => !call || !told.some((later, j) => j > i && later.call === call))
}
