/** The machine a resolver looks at: handed in, so that a bare one can be looked at too. */
import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { cacheDir } from '../paths.ts'

export type Machine = {
  env: Record<string, string | undefined>
  platform: NodeJS.Platform
  arch: string
  /** Where fetched programs are kept (absolute). */
  cache: string
  /** Directories looked into after PATH. */
  usualPlaces: readonly string[]
  /** Told, in a few words, of whatever takes longer than a moment. */
  say(line: string): void
}

export const thisMachine = (say: (line: string) => void = () => {}): Machine => ({
  env: process.env,
  platform: process.platform,
  arch: process.arch,
  cache: cacheDir(),
  // Debian keeps daemons in sbin, which is not on an ordinary user's PATH.
  usualPlaces: [
    '/usr/local/bin',
    '/usr/bin',
    '/bin',
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
    '/opt/homebrew/bin',
    '/opt/local/bin',
  ],
  say,
})

/** The first of `names`, in the order given, that is an executable file on PATH or in a usual place. */
export async function findProgram(machine: Machine, ...names: string[]): Promise<string | undefined> {
  const places = [...(machine.env.PATH ?? '').split(delimiter).filter(Boolean), ...machine.usualPlaces]
  for (const file of names.flatMap((name) => places.map((place) => join(place, name)))) {
    if (await isExecutable(file)) return file
  }
  return undefined
}

export async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}

export type Ran = { ok: boolean; stdout: string /** stdout and stderr, or why it did not start. */; output: string }

/** Runs a program to its end and never throws: that it failed is an answer here. */
export function ran(
  [program = '', ...args]: readonly string[],
  { env, cwd, timeoutMs }: { env: Machine['env']; cwd?: string; timeoutMs: number },
): Promise<Ran> {
  return new Promise((resolve) => {
    const options = {
      env,
      timeout: timeoutMs,
      killSignal: 'SIGKILL' as const,
      maxBuffer: 16 << 20,
      encoding: 'utf8' as const,
    }
    execFile(program, args, cwd ? { ...options, cwd } : options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim()
      resolve({ ok: !error, stdout, output: output || (error?.message ?? '') })
    })
  })
}
