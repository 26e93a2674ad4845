/** What web asks of the supervisor on the bus, and how its refusals become a person's. */
import type { Bus } from '@sluice/kit/bus.ts'
import { z } from 'zod'
import { refuse } from './refused.ts'

const No = z.object({ error: z.string(), mend: z.string() })
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
