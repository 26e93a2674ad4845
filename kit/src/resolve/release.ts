/** Fetches a program from its makers' release archive: only the very bytes whose sum is pinned here are unpacked. */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Unpacked } from './debian.ts'
import { type Machine, ran } from './machine.ts'
import type { ReleaseArchive } from './nats-release.ts'

const TRIES = 3
const DOWNLOAD_MS = 300_000

/** Unpacks the archive's program to `file` below a root in `scratch`; the reason is a phrase that fits into brackets. */
export async function unpackRelease(
  machine: Machine,
  { archive, file }: { archive: ReleaseArchive; file: string },
  scratch: string,
): Promise<Unpacked> {
  const [packed, inside, root] = [join(scratch, basename(archive.url)), join(scratch, 'inside'), join(scratch, 'root')]
  machine.say(`fetching ${archive.url} …`)
  const sum = await download(archive.url, packed)
  if (!sum.ok) return sum
  if (sum.sha256 !== archive.sha256)
    return { ok: false, reason: `${archive.url} is not the archive that was released: its SHA-256 is ${sum.sha256}` }

  await Promise.all([mkdir(inside), mkdir(dirname(join(root, file)), { recursive: true })])
  const unpacked = await ran(['tar', '-xf', packed, '-C', inside], { env: machine.env, timeoutMs: DOWNLOAD_MS })
  if (!unpacked.ok) return { ok: false, reason: `tar could not unpack ${archive.url}: ${unpacked.output}` }
  await rename(join(inside, archive.file), join(root, file))
  return { ok: true, root }
}

type Downloaded = { ok: true; sha256: string } | { ok: false; reason: string }

/** A transfer that was cut is begun again; what a server refuses it will refuse again. */
async function download(url: string, file: string): Promise<Downloaded> {
  let reason = ''
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      const reply = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) })
      if (!reply.ok || !reply.body) return { ok: false, reason: `${url} answered ${reply.status}` }
      return { ok: true, sha256: await store(reply.body, file) }
    } catch (error) {
      reason = `${url} could not be fetched: ${whyOf(error)}`
    }
  }
  return { ok: false, reason }
}

async function store(body: ReadableStream<Uint8Array>, file: string): Promise<string> {
  const hash = createHash('sha256')
  const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      yield chunk
    }
  }
  await pipeline(body, counted, createWriteStream(file))
  return hash.digest('hex')
}

/** `fetch` says only that it failed, and why in its cause. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
