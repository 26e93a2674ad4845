/** The system's own file lock: one holder over all processes, let go also by `kill -9`. */
import { DatabaseSync } from 'node:sqlite'

const SQLITE_BUSY = 5

/** Null when somebody else holds it. */
export function tryLock(file: string): Disposable | null {
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return { [Symbol.dispose]: () => lock.close() }
  } catch (error) {
    lock.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null
    throw error
  }
}
