/** The raw chain beside the line: eight messages one after the other, each published with an id and awaited before the last is acknowledged. */
import type { Bus } from '@sluice/kit/bus.ts'
import type { RoleShape } from '@sluice/kit/permissions.ts'
import { record } from '@sluice/kit/record.ts'
import type { EventType } from '@sluice/proto/event.ts'
import { z } from 'zod'

const NAMES = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'] as const

const hop = (name: string): EventType => ({
  type: `hop.${name}`,
  aggregate: 'story',
  from: [],
  data: z.unknown(),
  about: 'A hop of the raw chain.',
})

/** Eight durables, made as those of roles are. */
export const hops: readonly RoleShape[] = NAMES.map((name) => {
  const type = hop(name)
  return { name: `hop-${name}`, takes: type, gives: { completed: type, paused: type, failed: type }, uses: [] }
})

const END = hop('end')
export const endFilter = `story.*.${END.type}.>`

/** The message that comes after the `n`th hop: the first, the next, or the end of the chain. */
export function sendHop(bus: Bus, at: { chainId: string; n: number; padding: string }): Promise<unknown> {
  const { chainId, n, padding } = at
  const type = hops[n]?.takes ?? END
  const saying = { type, source: bus.source, projectId: 'chain', storyId: chainId, cause: null }
  return bus.publish(record({ ...saying, data: padding, now: new Date() }))
}
