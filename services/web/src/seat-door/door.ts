/** The door for reviewers over REST: take the next request of a seat, keep it, look at the change, send the verdict. */
import type { Judgement, Taken } from '@sluice/proto/seat.ts'
import { type Context, Hono } from 'hono'
import { bearerOf } from '../access.ts'
import { jsonOf, keyOf } from '../body.ts'
import { refuse } from '../refused.ts'
import type { Seat, Take } from './seat.ts'
import type { Seats } from './seats.ts'
import { openShown } from './shown.ts'
import { type Verdicts, verdicts } from './verdicts.ts'

type Known = { Variables: { seat: Seat } }

export type SeatDoor = { seats: Seats } & Verdicts

const LONGEST_WAIT_S = 60
/** How long the bus may be away before an asker is told. */
const PATIENCE_MS = 10_000

export function seatDoorRoutes(door: SeatDoor): Hono<Known> {
  const { seats } = door
  const judge = verdicts(door)
  const shown = openShown()
  return new Hono<Known>()
    .use('/:seat/*', async (c, next) => {
      c.header('Cache-Control', 'no-store')
      const seat = await seats.enter(c.req.param('seat'), bearerOf(c) ?? '')
      c.set('seat', seat ?? refuseStranger())
      await next()
    })
    .post('/:seat/take', async (c) => {
      const take = await nextFor(c)
      return take ? c.json(takenOf(take, c.get('seat'))) : c.body(null, 204)
    })
    .post('/:seat/takes/:take/alive', (c) => {
      // A sign of life that crosses the verdict on its way hurts nobody.
      const take = takeIn(c)
      if (take?.state() !== 'signed') open(take).alive()
      return c.body(null, 204)
    })
    .post('/:seat/takes/:take/verdict', async (c) => {
      const [seat, id] = [c.req.param('seat'), c.req.param('take')]
      const event = await judge({ seat, id, take: takeIn(c), body: await jsonOf(c, MOST) })
      return c.json({ event } satisfies Judgement)
    })
    .post('/:seat/takes/:take/release', async (c) => {
      const take = open(takeIn(c))
      take.giveBack()
      await take.done
      return c.body(null, 204)
    })
    .get('/:seat/takes/:take/diff', async (c) => {
      const take = open(takeIn(c))
      take.alive()
      return c.body(await shown.diff(take), 200, { 'Content-Type': 'text/x-diff; charset=utf-8' })
    })
    .get('/:seat/takes/:take/files', async (c) => {
      const take = open(takeIn(c))
      take.alive()
      const path = c.req.query('path')
      if (path === undefined) return c.json(await shown.files(take))
      const bytes = await shown.file(take, path, c.req.query('side') ?? 'head')
      return c.body(new Uint8Array(bytes), 200, { 'Content-Type': 'application/octet-stream' })
    })
    .all('*', () => refuse(404, 'A seat has no such address.', 'docs/reviewers.md lists what it has.'))
}

const MOST = 'A verdict has at most 50 findings; quote less.'

/** Asked again with its Idempotency-Key, it is the request that was handed out already: the first reply may have been lost. */
async function nextFor(c: Context<Known>): Promise<Take | null> {
  const seat = c.get('seat')
  const key = c.req.header('idempotency-key') === undefined ? undefined : keyOf(c)
  const before = key === undefined ? undefined : seat.takenWith(key)
  if (before?.state() === 'open') return before

  const waitMs = waitOf(c) * 1000
  const late = AbortSignal.timeout(waitMs + PATIENCE_MS)
  const asker = AbortSignal.any([c.req.raw.signal, late])
  const tooLate = new Promise<never>((_, reject) =>
    late.addEventListener('abort', () => reject(new Error('The bus is silent.'))),
  )
  return Promise.race([seat.take({ waitMs, asker, key }), tooLate]).catch(() =>
    refuse(503, 'The bus does not answer for this seat.', 'It is waited for: ask again in a few seconds.'),
  )
}

function waitOf(c: Context): number {
  const wait = Number(c.req.query('wait') ?? 0)
  if (wait >= 0 && wait <= LONGEST_WAIT_S) return wait
  return refuse(400, 'That is no time to wait.', `Say wait=<seconds>, from 0 to ${LONGEST_WAIT_S}.`)
}

const takenOf = ({ id, attempt, request }: Take, { aliveMs }: Seat): Taken => ({
  ...{ take: id, attempt, request, deadline: request.data.deadline },
  aliveWithinSeconds: aliveMs / 1000,
})

const takeIn = (c: Context<Known>): Take | undefined => c.get('seat').find(c.req.param('take') ?? '')

function open(take: Take | undefined): Take {
  if (take?.state() === 'open') return take
  return refuse(
    409,
    'This take is over: it was answered, given back, silent for too long, or its request is closed.',
    'Drop this work and take the next request; if it is the same again, what you found still counts.',
  )
}

function refuseStranger(): never {
  refuse(
    401,
    'This needs the token of this seat.',
    'Send the token that its file in seats/ of the data directory holds: Authorization: Bearer <token>.',
  )
}
