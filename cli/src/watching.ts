/** Every event as it is recorded, over REST: goes on from where it broke off for as long as somebody watches. */
import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '@sluice/kit/errors.ts'
import { type Event, parseEvent } from '@sluice/proto/events.ts'
import { StreamedEvent, StreamState } from '@sluice/proto/rest.ts'
import { askStream, type Place } from './rest.ts'
import { sseEvents } from './sse.ts'

export type Seen = { sequence: number; subject: string; event: Event }

export type Watching = {
  /** Asked before every connection: a Sluice that was started anew may be found elsewhere. */
  place(): Promise<Place>
  storyId?: string
  /** The first sequence wanted; without it, only what comes. */
  from?: number
  onEvent(seen: Seen): void
  /** The line has gone, or is there again. */
  onLine(isUp: boolean): void
  signal: AbortSignal
}

/** The server speaks at least every 15 s. */
const SILENCE_MS = 45_000
const LONGEST_WAIT_MS = 5_000

/** Until `signal` aborts; rejects when it is refused. */
export async function watchEvents(watching: Watching): Promise<void> {
  const { signal, onLine } = watching
  let last: string | null = null
  let isUp = true
  let wait = 250
  const become = (now: boolean) => {
    if (now !== isUp) onLine(now)
    isUp = now
  }
  while (!signal.aborted) {
    try {
      for await (const { name, id, data } of listen(watching, last)) {
        if (name === 'away') become(false)
        if (name === 'live') become(true)
        if (name === 'live') last = String(StreamState.parse(JSON.parse(data)).sequence)
        if (name === 'message' && data !== '') tell(data, watching)
        if (id) last = id
        wait = 250
      }
    } catch (error) {
      if (!isAbsence(error, last !== null)) throw error
    }
    if (signal.aborted) return
    become(false)
    await delay(wait, undefined, { signal }).catch(() => undefined)
    wait = Math.min(wait * 2, LONGEST_WAIT_MS)
  }
}

/** The line broke, or, once a watch has begun, nobody answers on the other side: both are waited for. */
const isAbsence = (error: unknown, hasBegun: boolean): boolean =>
  error instanceof Refusal ? hasBegun || error.cause !== undefined : isBroken(error)

/** What `fetch` throws when a body ends early, and what ends a line that was silent for too long. */
const isBroken = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof Error && error.name === 'AbortError')

async function* listen({ place, storyId, from, signal }: Watching, last: string | null) {
  const silence = new AbortController()
  const timer = setTimeout(() => silence.abort(), SILENCE_MS)
  const query = new URLSearchParams({
    ...(from === undefined ? {} : { from: String(from) }),
    ...(storyId === undefined ? {} : { storyId }),
  })
  try {
    const body = await askStream(await place(), `/api/events?${query}`, {
      ...(last === null ? {} : { lastEventId: last }),
      signal: AbortSignal.any([signal, silence.signal]),
    })
    for await (const event of sseEvents(body)) {
      timer.refresh()
      yield event
    }
  } finally {
    clearTimeout(timer)
  }
}

function tell(data: string, { onEvent }: Watching): void {
  const { sequence, subject, event } = StreamedEvent.parse(JSON.parse(data))
  const parsed = parseEvent(subject, event)
  if (parsed.kind === 'event') onEvent({ sequence, subject, event: parsed.event })
}
