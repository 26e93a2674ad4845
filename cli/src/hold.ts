/** One Sluice to a data directory: the second is told who holds it. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '@sluice/kit/errors.ts'
import { processStart } from '@sluice/kit/process.ts'
import { z } from 'zod'
import { tryLock } from './lock-file.ts'
import { readOrNull, writePrivate } from './private-file.ts'

/** What `house.json` says of a house, from its first moment; where its page is it says once that is known. */
const Holder = z.object({ pid: z.int(), start: z.string(), origin: z.string().optional() })
export const houseFile = (dir: string): string => join(dir, 'house.json')

/** This process, as `house.json` names it. */
export const holder = () => ({ pid: process.pid, start: processStart(process.pid) ?? '' })

/**
 * Takes the directory until it is disposed of, or refuses. What decides is the lock, which dies with its holder; `house.json` is for people,
 * and that of a dead holder is written over.
 */
export function holdData(dir: string): Disposable {
  const lock = tryLock(join(dir, 'lock'))
  if (!lock) throw heldBy(dir)
  writePrivate(houseFile(dir), JSON.stringify(holder()))
  return {
    [Symbol.dispose]() {
      rmSync(houseFile(dir), { force: true })
      lock[Symbol.dispose]()
    },
  }
}

/** Whether a house is open on it. */
export function isHeld(dir: string): boolean {
  const lock = tryLock(join(dir, 'lock'))
  lock?.[Symbol.dispose]()
  return lock === null
}

function heldBy(dir: string): Refusal {
  const { data } = Holder.safeParse(JSON.parse(readOrNull(houseFile(dir)) ?? 'null'))
  const who = data ? `process ${data.pid}` : 'another process'
  const where = data?.origin ? `, on ${data.origin}` : ''
  const stop = data ? `\`kill ${data.pid}\`` : 'end it'
  return new Refusal(
    `Sluice already runs on ${dir} (${who}${where}).`,
    `Use that one, or stop it first: press Ctrl-C where it runs, or ${stop}.`,
  )
}
