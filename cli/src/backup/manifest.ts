/** What a backup says of itself: whose it is, every file in it with its hash, and what is not in it. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Sha256 } from '@sluice/proto/event.ts'
import { z } from 'zod'

export const MANIFEST = 'manifest.json'

export const Manifest = z.object({
  format: z.literal(1),
  sluice: z.string(),
  which: z.enum(['demo', 'work']),
  at: z.iso.datetime(),
  /** By its path in the archive, with `/`. */
  files: z.record(z.string(), Sha256),
  /** How many messages each stream holds. */
  streams: z.record(z.string(), z.int()),
})
export type Manifest = z.infer<typeof Manifest>

/** Every file below a directory, by its path with `/`; the manifest itself left out. */
export async function hashesBelow(dir: string): Promise<Record<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
  const hashed: [string, string][] = []
  for (const file of files.filter((name) => name !== MANIFEST).sort())
    hashed.push([file.split(sep).join('/'), await hashOf(join(dir, file))])
  return Object.fromEntries(hashed)
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

/** The first file that is not what the manifest says, or is missing, or is there without being named; null when all agree. */
export function difference(wanted: Record<string, string>, found: Record<string, string>): string | null {
  const names = new Set([...Object.keys(wanted), ...Object.keys(found)])
  return [...names].find((name) => wanted[name] !== found[name]) ?? null
}
