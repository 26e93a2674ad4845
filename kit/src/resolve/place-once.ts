/** Puts something into the cache whole or not at all, however many processes try at once. */
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Refusal } from '../errors.ts'

/** `make` fills a scratch directory and names the part of it that becomes `place`. */
export async function placeOnce(place: string, make: (scratch: string) => Promise<string>): Promise<void> {
  const scratch = await scratchBeside(place)
  try {
    await moveInto(place, await make(scratch))
  } catch (error) {
    if (hasCode(error, 'ENOSPC')) {
      throw new Refusal(
        `The disk is full: ${place} could not be made.`,
        'Make room, then run the same command again.',
        { cause: error },
      )
    }
    throw error
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Takes what no longer works out of the way in one step: nobody sees half of it. */
export async function discard(place: string): Promise<void> {
  const scratch = await scratchBeside(place)
  try {
    await rename(place, join(scratch, 'old'))
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function moveInto(place: string, made: string): Promise<void> {
  try {
    await rename(made, place)
  } catch (error) {
    // Another process was quicker, and what it made is as good as ours.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error
  }
}

async function scratchBeside(place: string): Promise<string> {
  try {
    await mkdir(dirname(place), { recursive: true })
    return await mkdtemp(`${place}.making-`)
  } catch (error) {
    throw new Refusal(
      `The cache directory ${dirname(place)} cannot be written (${error instanceof Error ? error.message : error}).`,
      'Set SLUICE_CACHE to a directory you may write, then run the same command again.',
      { cause: error },
    )
  }
}

const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code))
