/** Rounds of work and what the seats say of exactly one commit. */
import type { EventId, Instant } from '../event.ts'
import type { Event } from '../events.ts'
import type { Finding, Judged } from '../parts.ts'
import type { Step, Story, Verdict } from '../story.ts'
import { failSeat, NO_SUCH_REQUEST } from './answers.ts'
import { asked, mapSeats, owed, setStep, spent } from './steps.ts'

/** A new round voids what was said of the last one. */
export function buildAsked(story: Story, event: Event & { type: 'build.requested' }): Story {
  const next = asked(story, 'build', event)
  if (next === story) return story
  const { review: _, ...approvals } = story.approvals
  const idle = { at: 'idle' } as const
  return {
    ...next,
    round: event.data.round,
    brief: event.data.findings,
    onto: event.data.onto ?? null,
    approvals,
    gate: null,
    seats: {},
    judged: null,
    reviewed: null,
    landing: false,
    steps: { ...next.steps, rebase: idle, land: idle },
  }
}

export function built(story: Story, event: Event & { type: 'build.completed' }): Story {
  const step = story.steps.build
  if (step.at !== 'asked' || step.request !== event.data.request) return story
  const result = { at: 'done', request: step.request, event: event.id, result: event.data, since: event.time } as const
  const counted = {
    ...story,
    builds: story.builds + 1,
    sincePerson: story.sincePerson + 1,
    brief: [],
    onto: null,
    handIn: null,
    rewind: null,
  }
  return spent(judgeAnew(setStep(counted, 'build', result), event.data.judged, event), event)
}

/** All seats are owed a look at this commit; nothing said before counts for it. */
export function judgeAnew(story: Story, commit: Judged, event: Event): Story {
  const seats = Object.fromEntries(story.policy.seats.map((seat) => [seat, owed(event)]))
  return { ...story, judged: commit, seats, reviewed: null, landing: false }
}

export function seatsAsked(
  story: Story,
  names: string[],
  open: { request: EventId; deadline: Instant; since: Instant },
): Story {
  const ask = (seat: Step<Verdict>, name: string): Step<Verdict> =>
    names.includes(name) && seat.at === 'owed' ? { at: 'asked', ...open } : seat
  return { ...story, seats: mapSeats(story, ask) }
}

export function judged(story: Story, event: Event & { type: 'review.completed' }): Story {
  const seat = story.seats[event.source]
  if (seat?.at !== 'asked') return story
  // A late answer to what was asked before changes nothing; one to what was never asked is an answer gone wrong.
  if (seat.request !== event.data.request && story.seen.has(event.data.request)) return story
  const problem = problemOf(event, seat.request, story.judged)
  if (problem) return failSeat(story, event, seat, problem)

  const step: Step<Verdict> = {
    ...{ at: 'done', request: seat.request, event: event.id, result: event.data, since: event.time },
  }
  const next = spent({ ...story, seats: { ...story.seats, [event.source]: step } }, event)
  const last = Object.values(next.seats).every((s) => s.at === 'done')
  return withFindings(last ? { ...next, reviewed: event.id } : next, event.data)
}

/** Why a verdict cannot count, if it cannot. */
function problemOf(
  { data: verdict, source }: Pick<Event & { type: 'review.completed' }, 'data' | 'source'>,
  request: EventId,
  asked: Judged | null,
): string | null {
  if (verdict.request !== request) return NO_SUCH_REQUEST
  if (verdict.seat !== source) return `The verdict of ${source} is signed as ${verdict.seat}.`
  if (!isSame(verdict.judged, asked)) return 'The verdict names another commit than the one that was to be judged.'
  const blocks = verdict.findings.some((f) => f.blocking)
  if (verdict.verdict === 'reject' && !blocks) return 'The verdict rejects without a blocking finding.'
  if (verdict.verdict === 'approve' && blocks) return 'The verdict approves over a blocking finding of its own.'
  return null
}

function withFindings(story: Story, verdict: Verdict): Story {
  const known = new Set(story.findings.map((f) => f.id))
  const resolved = Object.fromEntries(
    verdict.earlier.filter((e) => e.resolved).map((e) => [e.findingId, true as const]),
  )
  return {
    ...story,
    findings: [...story.findings, ...verdict.findings.filter((f) => !known.has(f.id))],
    resolved: { ...story.resolved, ...resolved },
  }
}

export const isSame = (a: Judged | null, b: Judged | null): boolean =>
  a !== null && b !== null && a.base === b.base && a.commit === b.commit && a.tree === b.tree && a.patchId === b.patchId

/** Findings of this round that stand in the way: blocking, and no person dismissed them. */
export function blockingFindings(story: Story): Finding[] {
  return verdicts(story)
    .flatMap((verdict) => verdict.findings)
    .filter((f) => f.blocking && !(f.id in story.dismissed))
}

export const verdicts = (story: Story): Verdict[] =>
  Object.values(story.seats).flatMap((seat) => (seat.at === 'done' ? [seat.result] : []))

/** A seat signed when it approved, or when a person dismissed all that it blocked on. */
export function isSigned(story: Story, seat: string): boolean {
  const step = story.seats[seat]
  if (step?.at !== 'done' || !isSame(step.result.judged, story.judged)) return false
  return step.result.findings.every((f) => !f.blocking || f.id in story.dismissed)
}

export const allSigned = (story: Story): boolean => story.policy.seats.every((seat) => isSigned(story, seat))
