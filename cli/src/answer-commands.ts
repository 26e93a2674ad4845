/** What the supervisor answers on the bus: which services there are and how they do, how many there should be, who sits where. */
import type { Bus } from '@sluice/kit/bus.ts'
import { Refusal } from '@sluice/kit/errors.ts'
import { Token } from '@sluice/proto/event.ts'
import { Sitting } from '@sluice/proto/seat.ts'
import { z } from 'zod'
import type { Crew } from './crew.ts'
import type { Plan } from './plan.ts'
import { scale } from './scaling.ts'
import { openSeatDesk } from './seats/desk.ts'
import { servicesOf } from './services-view.ts'

const Scaling = z.object({ name: z.string(), replicas: z.number() })
const OfSeats = z.discriminatedUnion('do', [
  z.object({ do: z.literal('list') }),
  z.object({ do: z.enum(['add', 'swap']), seat: z.string(), sitting: Sitting }),
  z.object({ do: z.literal('remove'), seat: Token }),
])

export function answerCommands(means: { bus: Bus; plan: Plan; crew: Crew }): void {
  const { bus, plan, crew } = means
  const desk = openSeatDesk(means)
  // One change at a time, in the order they were asked for.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    if (plan.elsewhere) return Promise.reject(elsewhere())
    const mine = last.then(change, change)
    last = mine
    return mine
  }

  answer(bus, 'command.services', z.unknown(), async () => ({ services: await servicesOf(means) }))
  answer(bus, 'command.scale', Scaling, (asked) =>
    inTurn(async () => ({ ...(await scale(plan, crew, asked)), services: await servicesOf(means) })),
  )
  answer(bus, 'command.seats', OfSeats, async (asked) => {
    if (asked.do === 'list') return { seats: await desk.list() }
    if (asked.do === 'remove')
      return inTurn(async () => ({ removed: await desk.remove(asked.seat).then(() => asked.seat) }))
    return inTurn(async () => ({ seat: await desk[asked.do](asked) }))
  })
}

const elsewhere = () =>
  new Refusal(
    'What runs here is started by something else, such as Docker.',
    'Scale it there (`docker compose up --scale implementer=4`); seats change hands where Sluice runs by itself.',
  )

/** Nobody is left waiting: what cannot be done is answered as a sentence and its mend. */
function answer<S extends z.ZodType>(
  bus: Bus,
  subject: string,
  asks: S,
  work: (asked: z.infer<S>) => Promise<unknown>,
) {
  bus.nc.subscribe(subject, {
    callback: (error, message) => {
      if (error) return
      const read = async () => asks.parse(message.data.length > 0 ? message.json() : null)
      void read()
        .then(work)
        .catch(refused)
        .then((reply) => message.respond(JSON.stringify(reply)))
    },
  })
}

function refused(error: unknown): { error: string; mend: string } {
  if (error instanceof Refusal) return { error: error.message.slice(0, -error.mend.length).trim(), mend: error.mend }
  const why = error instanceof z.ZodError ? 'It cannot be read' : error instanceof Error ? error.message : String(error)
  return { error: `The supervisor could not do that: ${why}.`, mend: 'Look at `sluice services`, then try again.' }
}
