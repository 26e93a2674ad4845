/** Files only their owner may read, whole or not there at all. */
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

/** Written beside and renamed: a reader never sees half of it. */
export function writePrivate(file: string, text: string): void {
  const beside = `${file}.${randomUUID()}`
  writeFileSync(beside, text, { mode: 0o600 })
  renameSync(beside, file)
}

/** The text of a file, or null where there is none. */
export function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export function makePrivateDir(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  // One that was there before may be open to others.
  chmodSync(dir, 0o700)
}
