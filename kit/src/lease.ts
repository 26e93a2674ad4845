/** Leases: who may write for a request. Taken by compare-and-swap; the revision of the take is the attempt. */
import { z } from 'zod'
import { type Bus, Stale } from './bus.ts'
import { LeaseLost } from './errors.ts'

export type Lease = {
  /** The revision of this take: grows with every take, and fences whatever is written under it. */
  attempt: number
  /** Nobody ever held it before: what is written under it alone is still empty. */
  first: boolean
  /** Rejects with `LeaseLost` when somebody took it since, or the request was closed. */
  check(): Promise<void>
}

/** Who holds it, or why nobody needs to work on the request any more. */
export const LeaseValue = z.union([z.object({ holder: z.string() }), z.object({ revoked: z.string() })])
type Value = z.infer<typeof LeaseValue>

export const LEASES = 'leases'
const STREAM = `KV_${LEASES}`
const subjectFor = (role: string, request: string) => `$KV.${LEASES}.${role}.${request}`

/** Takes the lease from whoever holds it. `revoked` says why nobody needs to work on this request any more. */
export async function takeLease(bus: Bus, request: string, holder: string): Promise<Lease | { revoked: string }> {
  const subject = subjectFor(bus.source, request)
  const take = async (known: number): Promise<Lease | null> => {
    const attempt = await bus.put(subject, { holder } satisfies Value, known).catch(unlessStale)
    return attempt === null ? null : { attempt, first: known === 0, check: () => checkLease(bus, subject, attempt) }
  }
  // Most requests come once: read only what somebody wrote.
  let taken = await take(0)
  while (!taken) {
    const current = await bus.last(STREAM, subject)
    const value = current?.data as Value | undefined
    if (value && 'revoked' in value) return { revoked: value.revoked }
    taken = await take(current?.sequence ?? 0)
  }
  return taken
}

async function checkLease(bus: Bus, subject: string, attempt: number): Promise<void> {
  const current = await bus.last(STREAM, subject)
  if (current?.sequence !== attempt) throw new LeaseLost('Another attempt holds the lease.')
}

/** Takes a request out of every hand: running attempts find their lease gone at the next write, queued ones never begin. */
export async function revokeLease(bus: Bus, role: string, request: string, why: string): Promise<void> {
  const subject = subjectFor(role, request)
  for (;;) {
    const current = await bus.last(STREAM, subject)
    if (current?.data && 'revoked' in (current.data as Value)) return
    const done = await bus.put(subject, { revoked: why } satisfies Value, current?.sequence ?? 0).catch(unlessStale)
    if (done !== null) return
  }
}

function unlessStale(error: unknown): null {
  if (error instanceof Stale) return null
  throw error
}
