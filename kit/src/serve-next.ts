/** Serves a role one request at a time and only while somebody asks for one: nothing is held for nobody. */
import type { EventType } from '@sluice/proto/event.ts'
import { durableOf } from './permissions.ts'
import type { Role } from './role.ts'
import { type Handled, type ServeOptions, workerOf } from './serve.ts'

/** The broker takes no shorter wait. */
const SHORTEST_MS = 1_000

/** Waits for the next request until `waitMs` are over or `asker` is aborted; null when none came. Resolves when it is answered, or will come again. */
export async function serveNext<Q extends EventType, C extends EventType>(
  role: Role<Q, C>,
  options: ServeOptions,
  { waitMs, asker }: { waitMs: number; asker: AbortSignal },
): Promise<Handled | null> {
  if (asker.aborted) return null
  using taking = options.bus.taking(durableOf(role.name))
  asker.addEventListener('abort', () => taking[Symbol.dispose](), { once: true })
  const message = await taking.next(Math.max(SHORTEST_MS, waitMs))
  if (!message) return null
  if (!asker.aborted) return await workerOf(role, options)(message)
  // What comes when the asker has left is for the next who asks.
  message.nak()
  return null
}
