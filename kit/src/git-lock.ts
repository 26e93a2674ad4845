/** One at a time per git directory, over all processes on this machine: the lock dies with its holder, also by `kill -9`. */
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as after } from 'node:timers/promises'

const TRY_AGAIN_MS = 5
const SQLITE_BUSY = 5

/**
 * Waits for the lock of the git directory `gitDir`; dispose to let go. SQLite's exclusive lock is the system's own file lock:
 * no pid that another process may inherit, nothing left behind to judge stale.
 */
export async function lockGitDir(gitDir: string, signal?: AbortSignal): Promise<Disposable> {
  const path = join(gitDir, 'sluice', 'lock')
  await mkdir(dirname(path), { recursive: true })
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    while (!taken(database)) await after(TRY_AGAIN_MS * (1 + Math.random()), undefined, signal && { signal })
  } catch (error) {
    database.close()
    throw error
  }
  return { [Symbol.dispose]: () => database.close() }
}

function taken(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false
    throw error
  }
}
