/** How much room something takes on the disk, and when it was last written. */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Blocks as the disk counts them; links are counted and not followed, and what several names share is counted once. */
export async function diskUse(path: string, seen = new Set<string>()): Promise<number> {
  const stats = await lstat(path).catch(() => null)
  if (!stats) return 0
  if (stats.nlink > 1 && !stats.isDirectory()) {
    const id = `${stats.dev}:${stats.ino}`
    if (seen.has(id)) return 0
    seen.add(id)
  }
  const own = (stats.blocks ?? Math.ceil(stats.size / 512)) * 512
  if (!stats.isDirectory()) return own
  let sum = own
  // One directory after the other: a worktree of a hundred thousand files must not hold as many handles.
  for (const name of await readdir(path).catch(() => [])) sum += await diskUse(join(path, name), seen)
  return sum
}

export const lastWritten = async (path: string): Promise<number> => (await lstat(path).catch(() => null))?.mtimeMs ?? 0
