/** Runs two or more sides in short slices by turns, so that whatever else the machine does hits all alike. */
import type { Many } from './line/many.ts'
import { median } from './numbers.ts'
import { cpuOf, type Pids, pssOf, sumOf } from './usage.ts'

export type Side = { many: Many; pids: Pids }

/** What one side did in one slice. */
export type Slice = { perSecond: number; cpuMs: Record<string, number> }

/** What one side did at one number in flight: medians over its slices; CPU of each process and of all, per piece of work. */
export type Level = {
  perSecond: number
  cpuMsEach: number
  cpuMs: Record<string, number>
  pssMb: Record<string, number>
  slices: number[]
}

export async function slice({ many, pids }: Side, total: number, inFlight: number): Promise<Slice> {
  const before = await cpuOf(pids)
  const elapsedMs = await many.run(total, inFlight)
  const after = await cpuOf(pids)
  const cpuMs = Object.fromEntries(Object.keys(pids).map((n) => [n, ((after[n] ?? 0) - (before[n] ?? 0)) / total]))
  return { perSecond: (total * 1_000) / elapsedMs, cpuMs }
}

export async function levelOf(side: Side, slices: readonly Slice[]): Promise<Level> {
  const names = Object.keys(side.pids)
  const cpuMs = Object.fromEntries(names.map((n) => [n, median(slices.map((s) => s.cpuMs[n] ?? 0))]))
  return {
    perSecond: median(slices.map((s) => s.perSecond)),
    cpuMsEach: median(slices.map((s) => sumOf(s.cpuMs))),
    cpuMs,
    pssMb: await pssOf(side.pids),
    slices: slices.map((s) => s.perSecond),
  }
}
