/** A verdict becomes the event of its seat: once, however often it is sent. */
import { createHash } from 'node:crypto'
import { idOf } from '@sluice/kit/record.ts'
import type { EventId } from '@sluice/proto/event.ts'
import { Review } from '@sluice/proto/events.ts'
import type { SentVerdict } from '@sluice/proto/seat.ts'
import { refuse } from '../refused.ts'
import type { Stories } from '../stories.ts'
import type { Take } from './seat.ts'
import { readVerdict, signedBy } from './sent.ts'

export type Verdicts = { stories: Pick<Stories, 'get'> }
export type Sending = { seat: string; id: string; take: Take | undefined; body: unknown }

export function verdicts({ stories }: Verdicts): (sending: Sending) => Promise<EventId> {
  const sent = new WeakMap<Take, { digest: string; event: Promise<EventId> }>()

  return async ({ seat, id, take, body }) => {
    const verdict = readVerdict(body)
    if (!take) return saidBefore(seat, id, verdict) ?? refuseLate()
    const digest = digestOf(verdict)
    if (take.state() === 'open') {
      take.alive()
      const signed = await signedBy(seat, take, verdict)
      // Two may have been sent at once, or the take have ended meanwhile.
      if (take.state() === 'open') {
        take.sign(signed)
        sent.set(take, { digest, event: eventOf(seat, take) })
      }
    }
    const before = sent.get(take)
    return before?.digest === digest ? before.event : refuseLate()
  }

  /** Of a web that has been started anew since: the log knows the attempt that was heard. */
  function saidBefore(seat: string, id: string, verdict: SentVerdict): EventId | null {
    const [storyId = '', request, attempt] = id.split('.')
    const step = stories.get(storyId)?.story?.seats[seat]
    if (step?.at !== 'done' || step.request !== request || step.result.attempt !== Number(attempt)) return null
    return step.result.verdict === verdict.verdict && step.result.summary === verdict.summary ? step.event : null
  }
}

async function eventOf(seat: string, { done, request: { id, storyId = '' } }: Take): Promise<EventId> {
  const handled = await done
  if (handled === 'answered') return idOf(id, seat, Review.completed.type, 0, storyId)
  if (handled === 'later')
    refuse(503, 'The bus does not answer: the verdict may or may not have been recorded.', 'Take the request again.')
  return refuseLate()
}

const digestOf = (verdict: SentVerdict): string => createHash('sha256').update(JSON.stringify(verdict)).digest('hex')

function refuseLate(): never {
  refuse(
    409,
    'This verdict comes too late: its take is over, or had another verdict.',
    'Take the next request; if it is the same again, send the verdict for the new take.',
  )
}
