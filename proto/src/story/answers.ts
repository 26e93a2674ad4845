/** Answers that are no result: parked, failed, late, unreadable. */
import type { EventId, Instant } from '../event.ts'
import type { Event } from '../events.ts'
import type { Usage, Waiting } from '../parts.ts'
import type { Step, Story } from '../story.ts'
import { failedStep, mapSeats, nounOf, owed, roles, setStep, spent, stepAsking } from './steps.ts'

/** Pauses and fails: whichever step or seat has this request open. */
export function closed(
  story: Story,
  event: Event & { data: { request: EventId; usage: Usage } },
  step: Step<never>,
): Story {
  const seat = story.seats[event.source]
  if (seat?.at === 'asked' && seat.request === event.data.request)
    return spent({ ...story, seats: { ...story.seats, [event.source]: step } }, event)
  if (seat?.at === 'asked' && !story.seen.has(event.data.request)) return failSeat(story, event, seat, NO_SUCH_REQUEST)

  const name = stepAsking(story, event.data.request)
  const mine = name && event.type.startsWith(nounOf(name))
  return mine ? spent(setStep(story, name, step), event) : story
}

/** Who was told to park, and has parked after the person had already let go, goes on at once. */
export function pausedStep(story: Story, event: Event & { data: { request: EventId; waiting: Waiting } }): Step<never> {
  const { request, waiting } = event.data
  return waiting.kind === 'person' && !story.hold
    ? { ...owed(event), continues: request }
    : { at: 'paused', request, waiting, since: event.time }
}

export function timedOut(story: Story, request: EventId, at: Instant): Story {
  const late = failedStep(request, 'No answer before the deadline.', at)
  const seats = mapSeats(story, (seat) => (seat.at === 'asked' && seat.request === request ? late : seat))
  const name = stepAsking(story, request)
  return name ? setStep({ ...story, seats }, name, late) : { ...story, seats }
}

/** What this role said to this request cannot be read: nobody waits for the deadline. */
export function refused(story: Story, said: { request: EventId; role: string; reason: string }, at: Instant): Story {
  const step = failedStep(said.request, said.reason, at)
  const seat = story.seats[said.role]
  if (seat?.at === 'asked' && seat.request === said.request)
    return { ...story, seats: { ...story.seats, [said.role]: step } }
  const name = stepAsking(story, said.request)
  return name && roles[name] === said.role ? setStep(story, name, step) : story
}

export const NO_SUCH_REQUEST = 'The answer names a request that this story never made.'

export function failSeat(
  story: Story,
  event: Event & { data: { usage: Usage } },
  { request }: { request: EventId },
  problem: string,
): Story {
  return spent({ ...story, seats: { ...story.seats, [event.source]: failedStep(request, problem, event.time) } }, event)
}
