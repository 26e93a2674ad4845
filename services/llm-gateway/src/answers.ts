/** Whole answers of the model, kept on the disk under the key they were asked for by: asked again, nobody pays again. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Usage } from '@sluice/proto/parts.ts'
import { z } from 'zod'

/** Whose answers: a role's run in a story, and no other's. */
export type Space = { storyId: string; role: string; runId: string }
export type Place = Space & { key: string }

const Head = z.object({
  v: z.literal(1),
  /** Of the call, as its usage is named. */
  id: z.string(),
  /** Of the request that was answered. */
  asked: z.string(),
  status: z.int(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  at: z.iso.datetime(),
  usage: Usage,
  bytes: z.int().nonnegative(),
  sha256: z.string(),
})
export type Kept = Omit<z.infer<typeof Head>, 'v' | 'bytes' | 'sha256'> & { body: Buffer }

export type Answers = {
  /** On the disk, whole, before it resolves. */
  keep(place: Place, answer: Kept): Promise<void>
  /** Null for what was never kept, and for what the disk holds only in part. */
  find(place: Place): Promise<Kept | null>
  /** The run is over: nobody asks for its answers again. */
  forget(space: Space): Promise<void>
}

/** Of one run: an engine asks again for the last answer it did not hear, or for a few that it asked for beside each other. */
const MOST_A_RUN = 16
/** A run may be parked for a while; one that was forgotten is not kept for ever. */
const STALE_MS = 14 * 24 * 3_600_000

/** `<dir>/<storyId>/<role>.<runId>/<key>.answer`; what is stale is removed at once. */
export async function openAnswers(dir: string, now = Date.now()): Promise<Answers> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await removeStale(dir, now)
  const spaceDir = ({ storyId, role, runId }: Space) => join(dir, storyId, `${role}.${named(runId)}`)
  const fileOf = (place: Place) => join(spaceDir(place), `${named(place.key)}.answer`)
  return {
    async keep(place, { body, ...about }) {
      const file = fileOf(place)
      const head = { v: 1 as const, ...about, bytes: body.length, sha256: sha256(body) }
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      const written = `${file}.${randomUUID()}.part`
      await writeFile(written, Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]), { mode: 0o600 })
      await rename(written, file)
      await thin(dirname(file))
    },
    async find(place) {
      const content = await readFile(fileOf(place)).catch(() => null)
      return content && keptIn(content)
    },
    async forget(space) {
      await rm(spaceDir(space), { recursive: true, force: true })
    },
  }
}

/** After a power cut a file may have its name and not all of its bytes: that is no answer. */
function keptIn(content: Buffer): Kept | null {
  const end = content.indexOf(10)
  const head = Head.safeParse(parsed(content.subarray(0, Math.max(end, 0)).toString()))
  const body = content.subarray(end + 1)
  if (!head.success || body.length !== head.data.bytes || sha256(body) !== head.data.sha256) return null
  const { v: _, bytes: __, sha256: ___, ...about } = head.data
  return { ...about, body }
}

async function thin(dir: string): Promise<void> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.answer'))
  if (names.length <= MOST_A_RUN) return
  const aged = await Promise.all(names.map(async (name) => ({ name, at: await ageOf(join(dir, name)) })))
  const old = aged.sort((a, b) => b.at - a.at).slice(MOST_A_RUN)
  for (const { name } of old) await unlink(join(dir, name)).catch(() => undefined)
}

async function removeStale(dir: string, now: number): Promise<void> {
  for (const name of await readdir(dir, { recursive: true })) {
    const file = join(dir, name)
    if (name.endsWith('.part') || (name.endsWith('.answer') && now - (await ageOf(file)) > STALE_MS))
      await rm(file, { force: true })
  }
}

const ageOf = async (file: string): Promise<number> => (await stat(file).catch(() => null))?.mtimeMs ?? 0

/** Keys are whatever a client says: their digest is a name on every file system. */
const named = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return null
  }
}
