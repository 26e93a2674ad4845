/** What no role could work on: messages nobody could read, requests whose attempts all ended without a word; and sending them again. */
import type { Bus } from '@sluice/kit/bus.ts'
import { resend } from '@sluice/kit/resend.ts'
import type { EventId } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import type { ParkedView } from '@sluice/proto/rest.ts'
import { stepsOf } from '@sluice/proto/story/steps.ts'
import { type CommandMeans, runCommand } from './commands.ts'
import { refuse } from './refused.ts'
import type { Known, Stories } from './stories.ts'

/** `request` names what a retry of the story asks again; null for a message that is no request to anybody. */
export type Parked = ParkedView & { request: EventId | null }

export function parkedIn(event: Event, sequence: number): Parked[] {
  const at = { storyId: event.storyId ?? '', at: event.time }
  if (event.type === 'message.parked') {
    const { sequence: theirs, subject, reason } = event.data
    return [{ ...at, sequence: theirs, subject, reason, request: null }]
  }
  const gaveUp = 'parked' in event.data && event.data.parked === true && 'request' in event.data
  if (!gaveUp) return []
  const subject = `story.${event.storyId}.${event.type.split('.')[0]}.requested.orchestrator`
  const { reason, request } = event.data as { reason: string; request: EventId }
  return [{ ...at, sequence, subject, reason, request }]
}

/** What still stands: a request that was asked again is parked no more. Of several roles that parked one message, the first says why. */
export function stillParked(stories: Pick<Stories, 'parked' | 'get'>): Parked[] {
  const bySequence = new Map<number, Parked>()
  for (const one of stories.parked())
    if (!bySequence.has(one.sequence) && isStanding(one, stories.get(one.storyId))) bySequence.set(one.sequence, one)
  return [...bySequence.values()]
}

function isStanding({ request }: Parked, known: Known | undefined): boolean {
  if (request === null) return true
  const steps = known?.story ? stepsOf(known.story) : []
  return steps.some(({ step }) => step.at === 'failed' && step.request === request)
}

type Sending = { sequence: number; key: string; signal: AbortSignal }

/** A request is asked again by its story; a message is said again by whoever said it, and web speaks only for the person. */
export async function sendAgain(
  means: CommandMeans & { bus: Bus; stories: Stories },
  { sequence, key, signal }: Sending,
): Promise<void> {
  const parked = stillParked(means.stories).find((one) => one.sequence === sequence)
  if (!parked) return refuse(404, `Nothing with sequence ${sequence} is parked.`, 'Look at what is: GET /api/parked.')
  const { storyId, request, subject } = parked
  if (request !== null) {
    await runCommand(means, { verb: 'retry', storyId, body: {}, key, signal })
    return
  }
  const author = subject.split('.').at(-1) ?? ''
  if (author !== means.bus.source)
    refuse(
      409,
      `This message cannot be sent again from here: ${author} said it, and nobody may speak for ${author}.`,
      'Retry the story once its step has failed, or cancel it and submit it anew.',
    )
  await resend(means.bus, sequence)
}
