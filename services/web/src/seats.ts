/** Seats and replicas as a person changes them: done by the supervisor, then said as an event of the project. */
import { record } from '@sluice/kit/record.ts'
import type { EventType } from '@sluice/proto/event.ts'
import { ProjectLimited, SeatClosed, SeatFilled } from '@sluice/proto/events.ts'
import { checksSeat } from '@sluice/proto/pipeline.ts'
import { AddSeat, type SeatView, SwapSeat } from '@sluice/proto/rest.ts'
import type { Sitting } from '@sluice/proto/seat.ts'
import { type Context, Hono } from 'hono'
import type { z } from 'zod'
import type { Web } from './app.ts'
import { jsonOf, keyOf, understood } from './body.ts'
import { type Patience, patience } from './patience.ts'
import { refuse } from './refused.ts'
import {
  type AskedSeats,
  askSupervisor,
  Scaled,
  SeatGiven,
  SeatList,
  type SeatNow,
  SeatRemoved,
  Wanted,
} from './supervisor.ts'

/** Whoever changes seats, and whoever reads them into a new story, does so one after the other. */
export const SEATS_TURN = 'the seats'

export function seatRoutes(web: Web): Hono<{ Variables: Patience }> {
  const { bus, own, turns, stories, now } = web
  const projectId = own.project.id

  const ask = <S extends z.ZodType>(asked: AskedSeats, reply: S) =>
    askSupervisor(bus, { subject: 'command.seats', asked, reply }).finally(web.readTokens)
  const viewOf = (seat: z.infer<typeof SeatNow>): SeatView => ({
    ...seat,
    required: stories.project(projectId)?.seats[seat.seat]?.required ?? false,
  })
  const say = (c: Context, type: EventType, data: unknown) =>
    stories.record(record({ type, source: 'web', projectId, cause: null, n: keyOf(c), data, now: now() }))

  /** Said only if it is news: a command that is sent again finds everything done. */
  async function filled(c: Context, { seat, sitting }: { seat: string; sitting: Sitting }): Promise<void> {
    const known = stories.project(projectId)?.seats[seat]
    if (known && JSON.stringify(known.sitting) === JSON.stringify(sitting)) return
    await say(c, SeatFilled, { seat, sitting, required: known?.required ?? true })
  }

  const app = new Hono<{ Variables: Patience }>()
  app.use('/reviewers/*', patience({ ...web, patienceMs: LONGER * web.patienceMs }))
  app.use('/services/:name/scale', patience({ ...web, patienceMs: LONGER * web.patienceMs }))

  app.get('/reviewers', async (c) => {
    const { seats } = await ask({ do: 'list' }, SeatList)
    return c.json(seats.map(viewOf))
  })
  app.post('/reviewers', async (c) => {
    const asked = understood(AddSeat, await jsonOf(c))
    return turns(SEATS_TURN, async () => {
      const { seat } = await ask({ do: 'add', ...asked }, SeatGiven)
      await filled(c, asked)
      return c.json(viewOf(seat), 201)
    })
  })
  app.post('/reviewers/:seat/swap', async (c) => {
    const { sitting } = understood(SwapSeat, await jsonOf(c))
    const asked = { seat: c.req.param('seat'), sitting }
    return turns(SEATS_TURN, async () => {
      const { seat } = await ask({ do: 'swap', ...asked }, SeatGiven)
      await filled(c, asked)
      return c.json(viewOf(seat))
    })
  })
  app.delete('/reviewers/:seat', async (c) => {
    const seat = c.req.param('seat')
    return turns(SEATS_TURN, async () => {
      refuseNeeded(web, seat)
      // Said first: cut off in between, no story asks a seat that nobody fills.
      if (stories.project(projectId)?.seats[seat]) await say(c, SeatClosed, { seat })
      await ask({ do: 'remove', seat }, SeatRemoved)
      return c.body(null, 204)
    })
  })
  app.post('/services/:name/scale', async (c) => {
    const asked = { ...understood(Wanted, await jsonOf(c)), name: c.req.param('name') }
    const { builds, services } = await askSupervisor(bus, { subject: 'command.scale', asked, reply: Scaled })
    // Who may build at once follows from who is there to build.
    if (stories.project(projectId)?.builds !== builds) await say(c, ProjectLimited, { builds })
    return c.json(services)
  })
  return app
}

/** Of what answers at once; a process that leaves may take its time. */
const LONGER = 6

/** A story that runs was promised this seat's verdict. */
function refuseNeeded({ stories }: Pick<Web, 'stories'>, seat: string): void {
  if (seat === checksSeat)
    refuse(409, 'The seat checks stays: nothing lands without the project’s own checks.', 'Remove another one.')
  const needing = stories.all().flatMap(({ story }) => (story?.policy.seats.includes(seat) ? [story.id] : []))
  if (needing.length === 0) return
  const names =
    needing.length > MOST_NAMED ? `${needing.slice(0, MOST_NAMED).join(', ')} and others` : needing.join(', ')
  refuse(
    409,
    `${needing.length === 1 ? 'A running story needs' : `${needing.length} running stories need`} the verdict of ${seat}: ${names}.`,
    'Let them ship, cancel them, or put somebody else into the seat: `sluice reviewer swap`.',
  )
}

const MOST_NAMED = 5
