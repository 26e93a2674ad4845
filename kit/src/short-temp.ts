/** Throw-away directories with short paths, which say whose they are, so that those of the dead can be swept. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A socket's path may have 104 bytes on macOS, 108 on Linux (sockaddr_un): the temporary directory of a Mac takes half of that. */
const LONGEST_BASE = 50
const SWEPT_AFTER_MS = 24 * 3_600_000

export const shortTempBase = (usual = tmpdir()): string => (usual.length > LONGEST_BASE ? '/tmp' : usual)

/** Its owner removes it; if that is killed first, a later `sweepTemp` does. */
export const makeShortTemp = (base = shortTempBase()): string => mkdtempSync(join(base, `slc-${process.pid}-`))

/** Removes what processes of ours left that are gone since a day or more. Whatever else has such a name is left alone. */
export function sweepTemp(base = shortTempBase(), now = Date.now()): string[] {
  const swept = readdirSync(base).filter((name) => isLeft(base, name, now))
  for (const name of swept) rmSync(join(base, name), { recursive: true, force: true })
  return swept
}

function isLeft(base: string, name: string, now: number): boolean {
  const pid = Number(/^slc-(\d+)-[A-Za-z0-9]{6}$/.exec(name)?.[1])
  if (!pid || isRunning(pid)) return false
  const stat = statSync(join(base, name), { throwIfNoEntry: false })
  if (!stat?.isDirectory() || stat.uid !== process.getuid?.()) return false
  // A container may share the directory and not its processes: what is young may be in use there.
  return now - stat.mtimeMs > SWEPT_AFTER_MS
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
