/** What web asks of the supervisor on the bus, and how its refusals become a person's. */
import type { Bus } from '@sluice/kit/bus.ts'
import { Token } from '@sluice/proto/event.ts'
import { Scale, SeatView, ServiceView } from '@sluice/proto/rest.ts'
import { Sitting } from '@sluice/proto/seat.ts'
import { z } from 'zod'
import { refuse } from './refused.ts'

/** What it may say to anything: one sentence and its mend. */
export const No = z.object({ error: z.string(), mend: z.string() })

export const Supervised = z.object({ services: z.array(ServiceView) })

/** How many there may be the supervisor says, in a sentence. */
export const Wanted = Scale.extend({ replicas: z.number() })
export const AskedScale = Wanted.extend({ name: z.string() })
export const Scaled = Supervised.extend({ builds: z.int() })

/** What the supervisor knows of a seat; what new stories need is the project's to say. */
export const SeatNow = SeatView.omit({ required: true })
export const AskedSeats = z.discriminatedUnion('do', [
  z.object({ do: z.literal('list') }),
  z.object({ do: z.literal('add'), seat: Token, sitting: Sitting }),
  z.object({ do: z.literal('swap'), seat: z.string(), sitting: Sitting }),
  z.object({ do: z.literal('remove'), seat: z.string() }),
])
export type AskedSeats = z.infer<typeof AskedSeats>
export const SeatList = z.object({ seats: z.array(SeatNow) })
export const SeatGiven = z.object({ seat: SeatNow })
export const SeatRemoved = z.object({ removed: z.string() })

/** A program that is told to leave has some seconds for it. */
const CHANGED_MS = 45_000

export async function askSupervisor<S extends z.ZodType>(
  bus: Bus,
  { subject, asked, reply, timeout = CHANGED_MS }: { subject: string; asked: unknown; reply: S; timeout?: number },
): Promise<z.infer<S>> {
  const message = await bus.nc
    .request(subject, JSON.stringify(asked), { timeout })
    .catch(() => refuse(503, 'Nobody supervises the services.', 'Start Sluice with `npm start` or `sluice up`.'))
  const said: unknown = message.json()
  const no = No.safeParse(said)
  if (no.success) refuse(409, no.data.error, no.data.mend)
  return reply.parse(said)
}
