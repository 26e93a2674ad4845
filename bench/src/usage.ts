/** What processes take: CPU time and proportional memory, read from Linux's /proc. */
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'

/** Ticks of `utime` and `stime` in a second (proc(5), field 14 and 15). */
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).trim())

/** Milliseconds of CPU a process and all its threads have used. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The name in brackets may hold spaces: fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS
}

/** Megabytes of memory, shared pages divided among those that share them. */
export async function pssMb(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024
}

export type Pids = Record<string, number>

/** CPU milliseconds by name. */
export async function cpuOf(pids: Pids): Promise<Record<string, number>> {
  return Object.fromEntries(
    await Promise.all(Object.entries(pids).map(async ([name, pid]) => [name, await cpuMs(pid)])),
  )
}

export async function pssOf(pids: Pids): Promise<Record<string, number>> {
  return Object.fromEntries(
    await Promise.all(Object.entries(pids).map(async ([name, pid]) => [name, await pssMb(pid)])),
  )
}

export const sumOf = (parts: Record<string, number>): number => Object.values(parts).reduce((sum, n) => sum + n, 0)
