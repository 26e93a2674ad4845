/** Installed dependencies of a project by what they were installed from: filled once, handed out as copies that share nothing with it. */
import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { copyTree, everythingBelow, leadsOut, listingOf, removeTree } from './copy-tree.ts'

/**
 * `master/<n>` holds the n-th of `places` and is only ever read. A `spare-…` is a copy of it made ahead of need: whoever takes it renames
 * it into their worktree and is its only owner from then on. Hard links would be cheaper and are not safe: an agent owns what it is
 * given, and a write through one name changes the file under every other (docs/decisions/0013-shared-dependencies.md).
 */
const Kept = z.object({
  places: z.array(z.string()),
  digests: z.array(z.string()),
  files: z.int(),
  bytes: z.int(),
  at: z.string(),
})
export type Kept = z.infer<typeof Kept>

export type SharedCache = {
  /** Puts the dependencies of `key` into `dir`, in place of whatever stands there; null where none are kept. */
  restore(key: string, dir: string): Promise<Kept | null>
  /** Keeps what an install made in `dir`. Null, with nothing kept, where a copy would not be the same elsewhere. */
  keep(key: string, dir: string): Promise<Kept | null>
  /** Makes the copies that the next ones take. */
  refill(key: string, signal?: AbortSignal): Promise<void>
}

/** Ready at once for a story and its checks. */
const SPARES = 2
/** Twice as much again of a tree this large is not worth the seconds. */
const LARGEST_SPARE_BYTES = 2_000_000_000

export const sharedDir = (dataDir: string): string => join(dataDir, 'dependencies')

export function openSharedCache(dataDir: string, projectId: string): SharedCache {
  const at = (key: string, ...rest: string[]) => join(sharedDir(dataDir), projectId, key, ...rest)

  async function keptOf(key: string): Promise<Kept | null> {
    const text = await readFile(at(key, 'kept.json'), 'utf8').catch(() => null)
    return text === null ? null : Kept.parse(JSON.parse(text))
  }

  /** A whole copy or none: looked through before it has a name that anybody takes. */
  async function copyOf(key: string, kept: Kept, signal?: AbortSignal): Promise<string> {
    const part = at(key, `part-${randomUUID()}`)
    await mkdir(part)
    try {
      for (const [n, digest] of kept.digests.entries()) {
        await copyTree(at(key, 'master', String(n)), join(part, String(n)), signal)
        if ((await listingOf(join(part, String(n)))).digest !== digest)
          throw new Error(`The shared dependencies ${key} are not what was kept: remove ${at(key)}.`)
      }
      return part
    } catch (error) {
      await removeTree(part)
      throw error
    }
  }

  async function takeSpare(key: string): Promise<string | null> {
    for (const name of await sparesOf(key)) {
      const taken = at(key, `part-${randomUUID()}`)
      // Of two who want the same one the second finds it gone.
      if (await moved(at(key, name), taken)) return taken
    }
    return null
  }

  const sparesOf = async (key: string) =>
    (await readdir(at(key)).catch(() => [])).filter((name) => name.startsWith('spare-'))

  return {
    async restore(key, dir) {
      const kept = await keptOf(key)
      if (!kept) return null
      const copy = (await takeSpare(key)) ?? (await copyOf(key, kept))
      for (const [n, place] of kept.places.entries()) {
        await removeTree(join(dir, place))
        await mkdir(dirname(join(dir, place)), { recursive: true })
        await rename(join(copy, String(n)), join(dir, place))
      }
      await removeTree(copy)
      const now = new Date()
      await utimes(at(key, 'kept.json'), now, now)
      return kept
    },

    async keep(key, dir) {
      const places = await dependencyPlaces(dir)
      if (places.length === 0 || !(await areTheSameElsewhere(dir, places))) return null
      const beside = join(sharedDir(dataDir), projectId, `part-${randomUUID()}`)
      await mkdir(join(beside, 'master'), { recursive: true })
      try {
        for (const [n, place] of places.entries()) await copyTree(join(dir, place), join(beside, 'master', String(n)))
        const listings = await Promise.all(places.map((_, n) => listingOf(join(beside, 'master', String(n)))))
        const sum = (of: 'files' | 'bytes') => listings.reduce((all, one) => all + one[of], 0)
        const digests = listings.map(({ digest }) => digest)
        const kept = { places, digests, files: sum('files'), bytes: sum('bytes'), at: new Date().toISOString() }
        await writeFile(join(beside, 'kept.json'), JSON.stringify(kept))
        // Whoever was faster has kept the same.
        if (!(await moved(beside, at(key)))) await removeTree(beside)
        return kept
      } catch (error) {
        await removeTree(beside)
        throw error
      }
    },

    async refill(key, signal) {
      const kept = await keptOf(key)
      if (!kept || kept.bytes > LARGEST_SPARE_BYTES) return
      while ((await sparesOf(key)).length < SPARES && !signal?.aborted)
        await rename(await copyOf(key, kept, signal), at(key, `spare-${randomUUID()}`))
    },
  }
}

/** Every `node_modules` that is not itself inside one. */
async function dependencyPlaces(dir: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(dir, below), { withFileTypes: true })
  const places: string[] = []
  for (const entry of entries.filter((one) => one.isDirectory() && one.name !== '.git')) {
    const path = below ? `${below}/${entry.name}` : entry.name
    if (entry.name === 'node_modules') places.push(path)
    else places.push(...(await dependencyPlaces(dir, path)))
  }
  return places.sort()
}

/** A link by an absolute name, or out of the worktree, and whatever is no file would not be there, or be another's. */
async function areTheSameElsewhere(dir: string, places: readonly string[]): Promise<boolean> {
  for (const place of places)
    for (const { path, kind, target } of await everythingBelow(join(dir, place))) {
      if (kind === 'other') return false
      if (kind === 'link' && leadsOut(`${place}/${path}`, target ?? '')) return false
    }
  return true
}

/** False where `from` is gone or `to` is there. */
async function moved(from: string, to: string): Promise<boolean> {
  if ((await lstat(to).catch(() => null)) !== null) return false
  return rename(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false
      throw error
    },
  )
}
