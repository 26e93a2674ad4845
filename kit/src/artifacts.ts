/** Files by their content: put once, never overwritten, named by sha256. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Artifact } from '@sluice/proto/parts.ts'
import { TerminalError } from './errors.ts'

export type Artifacts = {
  put(content: Buffer | string, as: { name: string; mediaType: string }): Promise<Artifact>
  /** Rejects with `TerminalError` when there is none, or when the bytes are not what their name says. */
  get(artifact: Pick<Artifact, 'sha256'>): Promise<Buffer>
}

export const sha256 = (content: Buffer | string): string => createHash('sha256').update(content).digest('hex')

/** The store itself, for the process that owns the data directory. */
export function artifactStore(dir: string): Artifacts & { path(hash: string): string } {
  const path = (hash: string) => join(dir, hash.slice(0, 2), hash)
  return {
    path,
    async put(content, { name, mediaType }) {
      const bytes = Buffer.from(content)
      const hash = sha256(bytes)
      await keep(path(hash), bytes)
      return { sha256: hash, bytes: bytes.length, mediaType, name }
    },
    async get({ sha256: hash }) {
      const bytes = await readFile(path(hash)).catch(() => null)
      if (!bytes) throw new TerminalError(`There is no artifact ${hash}.`)
      return verified(bytes, hash)
    },
  }
}

/** Written beside and renamed: a reader never sees half a file, a second writer changes nothing. */
async function keep(path: string, bytes: Buffer): Promise<void> {
  // Named anew, it is young again: what nobody names is removed only when it is old.
  if (await touched(path)) return
  await mkdir(dirname(path), { recursive: true })
  const beside = `${path}.${randomUUID()}`
  try {
    await writeFile(beside, bytes)
    await rename(beside, path)
  } catch (error) {
    // A full disk is not made fuller by what did not fit.
    await rm(beside, { force: true })
    throw error
  }
}

const touched = (path: string): Promise<boolean> =>
  utimes(path, new Date(), new Date()).then(
    () => true,
    () => false,
  )

function verified(bytes: Buffer, hash: string): Buffer {
  if (sha256(bytes) !== hash) throw new TerminalError(`Artifact ${hash} does not hold what its name says.`)
  return bytes
}

/** Artifacts over HTTP, for roles: `web` keeps the store. */
export function artifactClient({
  url,
  token,
  fetch = globalThis.fetch,
}: {
  url: string
  token: string
  fetch?: typeof globalThis.fetch
}): Artifacts {
  const headers = { authorization: `Bearer ${token}` }
  return {
    async put(content, { name, mediaType }) {
      const bytes = Buffer.from(content)
      const hash = sha256(bytes)
      const reply = await fetch(`${url}/artifacts/${hash}`, {
        method: 'PUT',
        headers: { ...headers, 'content-type': mediaType },
        body: new Uint8Array(bytes),
      })
      if (!reply.ok) throw new Error(`web did not take artifact ${name}: ${reply.status} ${await reply.text()}`)
      return { sha256: hash, bytes: bytes.length, mediaType, name }
    },
    async get({ sha256: hash }) {
      const reply = await fetch(`${url}/artifacts/${hash}`, { headers })
      if (reply.status === 404) throw new TerminalError(`There is no artifact ${hash}.`)
      if (!reply.ok) throw new Error(`web did not give artifact ${hash}: ${reply.status}`)
      return verified(Buffer.from(await reply.arrayBuffer()), hash)
    },
  }
}
