/** Who works in a worktree just now, noted beside it: whoever would take it away looks here first. */
import { readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { processStart } from './process.ts'

const Note = z.object({ owner: z.string(), run: z.string(), attempt: z.int(), pid: z.int(), start: z.string() })
export type Holder = z.infer<typeof Note>

/** A sign of life as often as this; after three that did not come, and with its process gone, a holder is taken for dead. */
const BEAT_MS = 15_000

export const holdFile = (dir: string): string => `${dir}.held.json`

/**
 * Holds `dir` for an attempt until disposed. A later attempt takes it over without asking: its lease on the request says that it may, and
 * what the earlier one had running is ended by then.
 */
export async function holdWorktree(
  dir: string,
  by: Pick<Holder, 'owner' | 'run' | 'attempt'>,
): Promise<AsyncDisposable> {
  const mine: Holder = { ...by, pid: process.pid, start: processStart(process.pid) ?? '' }
  const fresh = `${holdFile(dir)}.${crypto.randomUUID()}`
  await writeFile(fresh, JSON.stringify(mine))
  await rename(fresh, holdFile(dir))
  const beat = setInterval(
    () => void utimes(holdFile(dir), new Date(), new Date()).catch(() => undefined),
    BEAT_MS,
  ).unref()
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(beat)
      const now = await noteAt(dir)
      if (now?.run === mine.run && now.attempt === mine.attempt) await rm(holdFile(dir), { force: true })
    },
  }
}

/** Null where nobody does. The process decides where it can be seen; a container that sees another's files and not its processes has the signs of life. */
export async function holderOf(dir: string, now = Date.now()): Promise<Holder | null> {
  const note = await noteAt(dir)
  if (!note) return null
  const beaten = await stat(holdFile(dir)).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  const isAlive = processStart(note.pid) === note.start || now - beaten < 3 * BEAT_MS
  return isAlive ? note : null
}

async function noteAt(dir: string): Promise<Holder | null> {
  const text = await readFile(holdFile(dir), 'utf8').catch(() => null)
  return text === null ? null : Note.parse(JSON.parse(text))
}
