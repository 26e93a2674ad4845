/** How a story begins: with nothing but its scope owed, or, forked, with what its parent had passed. */
import type { EventId, EventOf, Instant } from '../event.ts'
import type { StorySubmitted } from '../events.ts'
import { noUsage } from '../parts.ts'
import type { Stage } from '../pipeline.ts'
import type { Story } from '../story.ts'
import { stepAfter } from './gates.ts'
import { judgeAnew } from './review.ts'
import { begin, owed } from './steps.ts'

/** A fork begins after the gate it was made at, with what had passed there. */
export function opened(event: EventOf<typeof StorySubmitted>): Story {
  const story = begun(event)
  const { inherits } = event.data
  if (!inherits) return story
  const { approvals, answers, scope, design, architecture, build } = inherits
  const known = { scope, ...(design && { design }), ...(architecture && { architecture }), ...(build && { build }) }
  const steps = Object.fromEntries(Object.entries(known).map(([name, result]) => [name, inheritedStep(result)]))
  // What was spent for them is the parent's; so is the freezing of its policy.
  const after = { ...story, frozen: event.id, approvals, answers, steps: { ...story.steps, ...steps } }
  if (build) return judgeAnew({ ...after, builds: 1, round: 1 }, build.judged, event)
  return begin(after, stepAfter(story.policy, inherits.at as Stage), event)
}

function inheritedStep({ event, request, at, ...result }: { event: EventId; request: EventId; at: Instant }) {
  return { at: 'done', request, event, since: at, result: { ...result, request, attempt: 0, usage: noUsage } } as const
}

function begun(event: EventOf<typeof StorySubmitted>): Story {
  const idle = { at: 'idle' } as const
  return {
    id: event.storyId ?? '',
    projectId: event.projectId,
    submitted: { ...event.data, event: event.id, at: event.time },
    status: 'running',
    policy: event.data.policy,
    frozen: null,
    budgetUsd: event.data.budgetUsd,
    limits: event.data.limits ?? {},
    steps: { scope: owed(event), design: idle, architecture: idle, build: idle, rebase: idle, land: idle },
    seats: {},
    judged: null,
    round: 0,
    builds: 0,
    sincePerson: 0,
    reviewed: null,
    brief: [],
    onto: null,
    rewind: null,
    drafts: {},
    landing: false,
    gate: null,
    approvals: {},
    answers: [],
    permissions: [],
    feedback: {},
    findings: [],
    dismissed: {},
    resolved: {},
    usage: noUsage,
    usageBy: {},
    shipped: null,
    reverted: null,
    words: [],
    attachments: event.data.attachments ?? [],
    hold: null,
    stopped: [],
    handIn: null,
    updated: event.time,
    seen: new Set([event.id]),
  }
}
