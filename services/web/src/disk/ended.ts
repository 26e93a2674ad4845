/** A story that has ended, as its disk is looked after: when it ended, where it worked, what is kept of it already. */

import type { Bus } from '@sluice/kit/bus.ts'
import { type Followed, readAll } from '@sluice/kit/follow.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import type { Event, RunPacked, StorySubmitted } from '@sluice/proto/events.ts'

export type Ended = {
  id: string
  projectId: string
  endedAt: number
  cancelled: boolean
  repository: EventOf<typeof StorySubmitted>['data']['repository']
  packs: EventOf<typeof RunPacked>[]
  events: readonly Event[]
}

/** Null while it is at work, and for what was never submitted. */
export async function endedStory(bus: Bus, id: string): Promise<Ended | null> {
  const events = (await readAll(bus, `story.${id}.>`)).map(({ event }: Followed) => event)
  const submitted = events.find((event) => event.type === 'story.submitted')
  const end = events.find((event) => event.type === 'story.shipped' || event.type === 'story.cancelled')
  if (!submitted || !end) return null
  return {
    ...{ id, projectId: submitted.projectId, endedAt: Date.parse(end.time), cancelled: end.type === 'story.cancelled' },
    repository: submitted.data.repository,
    packs: events.flatMap((event) => (event.type === 'run.packed' ? [event] : [])),
    events,
  }
}
