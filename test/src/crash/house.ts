/** A whole Sluice on a tiny repository, with a wire before every service: what the crash matrix breaks. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TINY_STORY, tinyModel } from '@sluice/demo/tiny.ts'
import { openTinyHouse, tinyPlace } from '../testing/house.ts'
import { openWire, type Passing, type Wire } from './proxy.ts'

/** Long enough for a role to answer, short enough to wait for (milliseconds). */
export const ACK_WAIT_MS = 3_000
const SERVICES = [
  'orchestrator',
  'web',
  'analyst',
  'designer',
  'architect',
  'implementer',
  'checks',
  'security',
  'refactor',
  'generic',
  'releaser',
]

export type CrashHouse = Awaited<ReturnType<typeof openCrashHouse>>

export async function openCrashHouse() {
  await using stack = new AsyncDisposableStack()
  const place = await tinyPlace()
  let watch: (service: string, passing: Passing) => 'pass' | 'drop' | 'drop-answer' = () => 'pass'
  const broker = () => JSON.parse(readFileSync(join(place.dataDir, 'bus', 'supervisor.json'), 'utf8')).url as string
  const wires = new Map<string, Wire>()
  for (const name of SERVICES) wires.set(name, stack.use(await openWire(broker, (passing) => watch(name, passing))))
  const tiny = stack.use(
    await openTinyHouse(place, {
      ...{ model: tinyModel, ackWaitMs: ACK_WAIT_MS },
      busUrlFor: (user) => wires.get(user)?.url ?? broker(),
    }),
  )
  const things = stack.move()

  async function rest<T>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
    // Whoever kills web in the middle of a command sends it again: the key makes it one.
    for (let tries = 0; ; tries++) {
      const reply = await tiny.ask<T>(method, path, body, key).catch(() => null)
      if (reply && reply.status < 300) return reply.body
      if (reply?.status === 409) return null as T
      const fatal = reply !== null && reply.status < 500
      if (fatal || tries > 150) throw new Error(`${method} ${path}: ${reply?.status} ${JSON.stringify(reply?.body)}`)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  return {
    ...{ ...tiny, rest, text: TINY_STORY },
    /** What is done with every message from now on. */
    watch: (by: typeof watch) => {
      watch = by
    },
    /** The person's checkout and branch as they were before any story. */
    reset: () => {
      tiny.git('reset', '--quiet', '--hard', tiny.start)
      tiny.git('clean', '-fdq')
    },
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}
