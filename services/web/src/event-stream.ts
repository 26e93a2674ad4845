/** Every event as it is recorded, as server-sent events (WHATWG HTML, 9.2): from any sequence on, again from where it broke off. */
import type { Bus } from '@sluice/kit/bus.ts'
import { type Followed, follow } from '@sluice/kit/follow.ts'
import type { Line } from '@sluice/kit/line.ts'
import type { Log } from '@sluice/kit/log.ts'
import type { StreamedEvent, StreamState } from '@sluice/proto/rest.ts'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { refuse } from './refused.ts'
import type { Stories } from './stories.ts'

type Streaming = { bus: Bus; log: Log; stories: Stories; line: Line }

/** A line that says nothing for longer than twice this is dead. */
export const HEARTBEAT_MS = 15_000

export function streamEvents(c: Context, { bus, log, stories, line }: Streaming): Response {
  const storyId = c.req.query('storyId')
  if (storyId && !stories.get(storyId)) refuse(404, 'There is no such story.', 'Name one of the board.')
  const from = fromOf(c) ?? stories.sequence() + 1

  return streamSSE(c, async (stream) => {
    const ended = new AbortController()
    stream.onAbort(() => ended.abort())
    let told = from - 1
    const say = (event: 'live' | 'away') =>
      stream.writeSSE({ event, data: JSON.stringify({ sequence: told } satisfies StreamState) })
    const stopWatching = line.watch((isUp) => void say(isUp ? 'live' : 'away'))
    const heart = setInterval(() => void stream.write(': alive\n\n'), HEARTBEAT_MS)
    try {
      await follow({
        ...{ bus, log, from, signal: ended.signal },
        ...(storyId ? { filter: `story.${storyId}.>` } : {}),
        // Waits until the reader has room: a slow one is read for slowly, and nobody else notices.
        async onEvent({ sequence, subject, event }: Followed) {
          const data = JSON.stringify({ sequence, subject, event } satisfies StreamedEvent)
          await stream.writeSSE({ id: String(sequence), data })
          told = sequence
        },
        onCaughtUp(sequence) {
          told = Math.max(told, sequence)
          return say('live')
        },
      })
    } finally {
      clearInterval(heart)
      stopWatching()
    }
  })
}

/** Where a reader broke off comes before where it first began. */
function fromOf(c: Context): number | null {
  const last = c.req.header('last-event-id')
  const asked = last === undefined || last === '' ? c.req.query('from') : last
  if (asked === undefined) return null
  if (!/^\d{1,15}$/.test(asked))
    refuse(400, `${asked.slice(0, 40)} is no sequence of the stream.`, 'Give a whole number, 1 for everything.')
  return Math.max(1, Number(asked) + (asked === last ? 1 : 0))
}
