/** Where a story waited for another one, as spans: for a free build slot, for its merge turn. Pure. */

import type { Event } from '@sluice/proto/events.ts'
import type { Span } from '@sluice/proto/rest.ts'
import type { Story } from '@sluice/proto/story.ts'
import { spanIdOf } from '../trace.ts'
import type { Asked } from './requests.ts'
import { free, millis, type Placed } from './span.ts'

/** What is shorter is the orchestrator's own work, and no wait. */
const NOTICED_MS = 100

export function slotWaits(story: Story, events: readonly Event[], asked: readonly Asked[]): Placed[] {
  const times = new Map(events.map((event) => [event.id, millis(event.time)]))
  const over = asked.flatMap(({ request, stage }) => {
    const name = request.type === 'build.requested' ? SLOT : request.type === 'release.requested' ? TURN : null
    const [start, end] = [times.get(request.causationId ?? ''), millis(request.time)]
    if (!name || start === undefined || end - start < NOTICED_MS) return []
    return [placed(stage, { name, start, end, event: request.causationId ?? '' })]
  })
  return [...over, ...standing(story)]
}

const SLOT = 'build slot'
const TURN = 'merge turn'

function standing(story: Story): Placed[] {
  if (story.status !== 'running') return []
  const { build, rebase, land } = story.steps
  const round = story.builds > 0 ? `implementation, round ${story.builds + 1}` : 'implementation'
  const waits = [
    { step: build, stage: round, name: SLOT },
    { step: rebase, stage: 'release', name: TURN },
    { step: land, stage: 'release', name: TURN },
  ]
  return waits.flatMap(({ step, stage, name }) =>
    step.at === 'owed' ? [placed(stage, { name, start: millis(step.since), end: null, event: step.cause })] : [],
  )
}

function placed(stage: string, { event, ...wait }: Pick<Span, 'name' | 'start' | 'end'> & { event: string }): Placed {
  const outcome = wait.end === null ? 'waits' : 'given'
  const id = spanIdOf(`${event} ${wait.name}`)
  const span: Span = { id, parent: null, service: 'orchestrator', kind: 'wait', ...free, outcome, event, ...wait }
  return { stage, span, below: [] }
}
