/** Whoever submits stories and approves every gate at once, by policy: the driver of the line. */
import type { Bus } from '@sluice/kit/bus.ts'
import { follow } from '@sluice/kit/follow.ts'
import type { Log } from '@sluice/kit/log.ts'
import { record } from '@sluice/kit/record.ts'
import { GateApproved, StorySubmitted } from '@sluice/proto/events.ts'
import { checksSeat, pipeline } from '@sluice/proto/pipeline.ts'
import { type Many, openMany } from './many.ts'

const submission = {
  title: 'Keep drafts',
  text: 'People lose their drafts when the tab closes: keep them for 30 days.',
  repository: { root: '/repository', base: 'main', commit: 'a'.repeat(40) },
  config: {
    ...{ source: 'sluice.yaml' as const, digest: '2'.repeat(64), setup: null },
    checks: [{ name: 'test', command: 'npm test' }],
    ...{ preview: null, release: null, documents: true, egress: [] },
  },
  policy: { path: pipeline.map(({ stage }) => stage as string), seats: [checksSeat], maxRounds: 3 },
  budgetUsd: 5,
  auto: true,
}

/** Every lane is a project of its own: what a project admits at once is a choice of its owner, not the line's cost. */
export async function openPerson(bus: Bus, log: Log, signal: AbortSignal): Promise<Many> {
  const many = openMany((storyId, lane) =>
    bus.publish(
      record({
        ...{ type: StorySubmitted, source: bus.source, projectId: `lane-${lane}`, storyId },
        ...{ cause: null, data: submission, now: new Date() },
      }),
    ),
  )
  const listening = [
    follow({
      ...{ bus, log, signal, filter: 'story.*.gate.opened.>' },
      onEvent({ event }) {
        if (event.type !== 'gate.opened') return
        const { projectId, storyId, id: cause, data } = event
        const approval = { gate: data.gate, digest: data.digest, by: 'auto' as const }
        const saying = { type: GateApproved, source: bus.source, projectId, storyId, cause, data: approval }
        bus.publish(record({ ...saying, now: new Date() })).catch(many.fail)
      },
    }),
    follow({
      ...{ bus, log, signal, filter: 'story.*.story.shipped.>' },
      onEvent: ({ event }) => many.ended(event.storyId ?? ''),
    }),
  ]
  Promise.all(listening).catch(many.fail)
  return many
}
