/** What was done to make a worktree ready, noted beside it: so that it is done once, and clean-up knows set-up's files from an agent's. */
import { lstat, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { z } from 'zod'

const Note = z.object({
  /** Digest of what set-up depends on. */
  wanted: z.string(),
  /** The directory it was done to: one that is made again under the same path has another. */
  inode: z.number(),
  /** When set-up was at work and no agent was, by the disk's own clock: no process can give a file an older change time. */
  spans: z.array(z.object({ from: z.number(), to: z.number() })),
})
export type Prepared = z.infer<typeof Note>

export const preparedFile = (dir: string): string => `${dir}.prepared.json`

/** Null where nothing was done to the directory that is there now. */
export async function readPrepared(dir: string): Promise<Prepared | null> {
  const text = await readFile(preparedFile(dir), 'utf8').catch(() => null)
  const note = text === null ? null : Note.parse(JSON.parse(text))
  return note?.inode === (await lstat(dir)).ino ? note : null
}

/** Whole or not at all: an attempt that dies before does it again. */
export async function writePrepared(dir: string, note: Omit<Prepared, 'inode'>): Promise<void> {
  const fresh = `${preparedFile(dir)}.${crypto.randomUUID()}`
  await writeFile(fresh, JSON.stringify({ ...note, inode: (await lstat(dir)).ino } satisfies Prepared))
  await rename(fresh, preparedFile(dir))
}

/** What the disk says the time is: a clock of ours may be ahead of the times it gives to files. */
export async function diskTime(dir: string): Promise<number> {
  const probe = `${dir}.clock.${crypto.randomUUID()}`
  await writeFile(probe, '')
  const { ctimeMs } = await stat(probe)
  await rm(probe)
  return ctimeMs
}

/** Whether a file was last changed while set-up was at work. */
export const madeBySetUp = ({ spans }: Pick<Prepared, 'spans'>, ctimeMs: number): boolean =>
  spans.some(({ from, to }) => ctimeMs >= from && ctimeMs <= to)
