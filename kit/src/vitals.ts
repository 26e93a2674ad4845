/** How a service does: what it has in hand, what it has done, what last went wrong. */
import { z } from 'zod'

export const Vitals = z.object({
  busy: z.int().nonnegative(),
  /** Requests it is done with since it began. */
  handled: z.int().nonnegative(),
  lastError: z.string().nullable(),
})
export type Vitals = z.infer<typeof Vitals>

export const newVitals = (): Vitals => ({ busy: 0, handled: 0, lastError: null })
