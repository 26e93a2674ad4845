/** The passwords and tokens of a house: made once and kept, so that what was handed out stays good over a restart. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { readOrNull, writePrivate } from './private-file.ts'

const Kept = z.record(z.string(), z.string().min(16))

/** The secret of that name, always the same one. */
export type Keyring = ((name: string) => string) & {
  /** From here on that name has another secret. */
  forget(name: string): void
}

export function openKeyring(file: string): Keyring {
  const kept = Kept.parse(JSON.parse(readOrNull(file) ?? '{}'))
  const keep = () => writePrivate(file, JSON.stringify(kept))
  const secretOf = (name: string): string => {
    const known = kept[name]
    if (known) return known
    // The prefix is what logs cut out (kit/src/log.ts).
    const made = `slc_${randomBytes(24).toString('base64url')}`
    kept[name] = made
    keep()
    return made
  }
  const forget = (name: string): void => {
    delete kept[name]
    keep()
  }
  return Object.assign(secretOf, { forget })
}
