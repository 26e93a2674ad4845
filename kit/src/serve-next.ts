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
  const gone = new Promise<null>((resolve) => {
    if (asker.aborted) resolve(null)
    else asker.addEventListener('abort', () => resolve(null), { once: true })
  })
  const consumer = await options.bus.js.consumers.get('STORY', durableOf(role.name))
  const asked = consumer.next({ expires: Math.max(SHORTEST_MS, waitMs) })
  const message = await Promise.race([asked, gone])
  // What comes when the asker has left is for the next who asks.
  if (asker.aborted) asked.then((late) => late?.nak()).catch(() => undefined)
  return message && !asker.aborted ? workerOf(role, options)(message) : null
}
