/** From the approved commit to the base: rebased, carried, landed; or taken back to a checkpoint before. */
import type { Event } from '../events.ts'
import type { Judged } from '../parts.ts'
import { checksSeat } from '../pipeline.ts'
import { rewoundText, spoken } from '../steering.ts'
import type { ReleaseResult, Step, Story, Verdict } from '../story.ts'
import { blockingFindings, isSame, judgeAnew } from './review.ts'
import { begin, mapSeats, openRequests, owed, roles, setStep, spent, spentBy, stepAsking } from './steps.ts'

/** The merge is under way: what lands is not taken back in its middle. */
export const isLanding = ({ steps: { rebase, land } }: Story): boolean =>
  [rebase, land].some(({ at }) => at === 'owed' || at === 'asked')

export function released(story: Story, event: Event & { type: 'release.completed' }): Story {
  const name = stepAsking(story, event.data.request)
  if (name !== 'rebase' && name !== 'land') return story
  const { result } = event.data
  const step = { at: 'done', request: event.data.request, event: event.id, result, since: event.time } as const
  return spent(afterRelease(setStep(story, name, step), result, event), event)
}

function afterRelease(story: Story, result: ReleaseResult, event: Event): Story {
  if (result.kind === 'moved')
    return setStep(begin({ ...story, landing: false }, 'rebase', event), 'land', { at: 'idle' })
  if (result.kind === 'conflict')
    return begin({ ...story, onto: { commit: result.onto, conflicts: result.files } }, 'build', event)
  // Another patch than the one that was signed and approved: all of it is judged again.
  if (result.kind === 'rebased' && result.judged.patchId !== story.judged?.patchId) {
    const { review: _, ...approvals } = story.approvals
    return judgeAnew({ ...story, approvals }, result.judged, event)
  }
  return story
}

/** The verdicts now name the rebased commit; the checks alone are asked again, on the very tree that lands. */
export function carried(story: Story, from: Judged, to: Judged, event: Event): Story {
  if (!isSame(from, story.judged) || from.patchId !== to.patchId) return story
  const carry = (seat: Step<Verdict>, name: string): Step<Verdict> =>
    name === checksSeat || seat.at !== 'done' ? owed(event) : { ...seat, result: { ...seat.result, judged: to } }
  return { ...story, judged: to, seats: mapSeats(story, carry), reviewed: null, landing: true }
}

/** Whoever works on the files is stopped, and what was said of them is void; the round before is gone on with. */
export function rewound(story: Story, event: Event & { type: 'story.rewound' }): Story {
  const { build } = story.steps
  if (build.at === 'idle' || isLanding(story)) return story
  const last = build.at === 'owed' ? build.continues : build.request
  const { review: _, ...approvals } = story.approvals
  const idle = { at: 'idle' } as const
  const { spent: costs = {}, ...to } = event.data
  const paid = Object.entries(costs).reduce((sum, [role, usage]) => spentBy(sum, role, usage), story)
  return {
    ...paid,
    ...{ gate: null, approvals, seats: {}, judged: null, reviewed: null, landing: false, sincePerson: 0 },
    // What stood in the way is still what this round has to mend.
    brief: [...story.brief, ...blockingFindings(story)],
    rewind: { ...to, event: event.id },
    stopped: [...story.stopped, ...openRequests(story).map(({ role, request }) => ({ role, request }))],
    words: [
      ...story.words,
      spoken({ ...event, data: { text: rewoundText(event.data), role: roles.build, by: 'person' } }),
    ],
    steps: {
      ...story.steps,
      build: { ...owed(event), ...(last ? { continues: last } : {}) },
      rebase: idle,
      land: idle,
    },
  }
}
