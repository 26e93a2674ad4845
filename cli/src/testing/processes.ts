/** Which processes run for a data directory, whoever started them: read from what they were started with. */
import { readdirSync, readFileSync } from 'node:fs'

/** Those that `sluice up` marks, whatever these started with their own environment, and who sits in a seat of it. */
export function processesOf(dataDir: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && isOf(environOf(pid), dataDir))
}

const isOf = ({ SLUICE_DATA, SLUICE_SEAT_FILE = '' }: Record<string, string>, dataDir: string): boolean =>
  SLUICE_DATA === dataDir || SLUICE_SEAT_FILE.startsWith(`${dataDir}/`)

export function environOf(pid: number): Record<string, string> {
  return Object.fromEntries(
    read(`/proc/${pid}/environ`)
      .split('\0')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch {
    return '' // it ended meanwhile, or is another user's
  }
}
