/** Looks at what many stories at once take: memory, open files, processes. */
import { readFile } from 'node:fs/promises'
import { availableParallelism, freemem, totalmem } from 'node:os'
import { type Check, ok, warning } from './check.ts'

/** What an idle Sluice takes, and what the work of a few stories (installs, tests, a browser) wants beside it. */
const IDLE_BYTES = 1e9
const GOOD_BYTES = 3e9
/** A house with some stories holds a few hundred; a language server or a test runner of theirs some thousands. */
const GOOD_FILES = 4096
const GOOD_PROCESSES = 1024

export async function memory(): Promise<Check> {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(await readOrEmpty('/proc/meminfo'))?.[1]
  return memoryFor(available ? Number(available) * 1024 : freemem(), totalmem(), availableParallelism())
}

export function memoryFor(free: number, total: number, cores: number): Check {
  const says = `${gigabytes(free)} GB of ${gigabytes(total)} GB free, ${cores} ${cores === 1 ? 'core' : 'cores'}`
  if (free >= GOOD_BYTES) return ok('memory', says)
  const short = free < IDLE_BYTES ? 'Sluice alone takes about that much' : 'a few stories at work fill that'
  return warning('memory', `${says}: ${short}.`, 'Close something, or start fewer implementers: --implementers 1.')
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1)

/** Only Linux says it in a file; elsewhere nothing is claimed. */
export async function limits(text?: string): Promise<Check> {
  const said = text ?? (await readOrEmpty('/proc/self/limits'))
  const hard = (name: string): number => {
    const [, value = 'unlimited'] = new RegExp(`^${name}\\s+\\S+\\s+(\\S+)`, 'm').exec(said) ?? []
    return value === 'unlimited' ? Number.POSITIVE_INFINITY : Number(value)
  }
  const [files, processes] = [hard('Max open files'), hard('Max processes')]
  if (files < GOOD_FILES)
    return warning(
      'limits',
      `A process may open ${files} files: many stories at once need more.`,
      `Raise it: ulimit -Hn 65536 (as root, or in /etc/security/limits.conf).`,
    )
  if (processes < GOOD_PROCESSES)
    return warning(
      'limits',
      `You may run ${processes} processes: many stories at once need more.`,
      `Raise it: ulimit -Hu 4096 (as root, or in /etc/security/limits.conf).`,
    )
  return ok('limits', said ? 'open files and processes: enough' : 'not looked at on this system')
}

const readOrEmpty = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '')
