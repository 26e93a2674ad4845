/** Which processes run a command, in whatever jail: found by its words. */
import { readdirSync, readFileSync } from 'node:fs'

export function runningAs(command: string): number[] {
  const argv = `${command.split(' ').join('\0')}\0`
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && commandOf(pid) === argv)
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it ended meanwhile
  }
}
