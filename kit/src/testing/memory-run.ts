/** A run whose journal is an array: for tests of what is a fold of it. Broker and leases have tests of their own. */
import { LeaseLost } from '../errors.ts'
import type { Entry, Run } from '../run.ts'

/** RUN takes no larger message. */
const LARGEST_ENTRY_BYTES = 256_000

export type MemoryRun = Run & {
  log: Entry[]
  /** From now on another attempt holds the lease. */
  loseLease(): void
}

/** `entries` is what earlier attempts left; entries pass through JSON, as they do on the bus. */
export function memoryRun({
  entries = [],
  earlier = [],
  attempt = 1,
}: {
  entries?: readonly Entry[]
  /** What a parked run left that this one goes on from. */
  earlier?: readonly Entry[]
  attempt?: number
} = {}): MemoryRun {
  const log = [...entries]
  let lost = false
  const fence = async () => {
    if (lost) throw new LeaseLost('Another attempt is at work.')
  }
  return {
    id: 'run-00000001',
    storyId: 'story-1',
    attempt,
    dir: '/nowhere',
    log,
    earlier,
    entries: () => log,
    fence,
    loseLease: () => {
      lost = true
    },
    async append(kind, data) {
      await fence()
      const json = JSON.stringify({ kind, attempt, at: '2026-01-01T00:00:00.000Z', data })
      if (Buffer.byteLength(json) > LARGEST_ENTRY_BYTES) throw new Error(`An entry ${kind} of ${json.length} bytes.`)
      log.push(JSON.parse(json) as Entry)
    },
  }
}
