/** No request hangs on a bus that is away: it is answered in seconds, and what was not begun by then is not begun later. */
import type { MiddlewareHandler } from 'hono'
import type { Web } from './app.ts'
import { Refused } from './refused.ts'

/** `late` is aborted when the answer has been given without waiting any longer. */
export type Patience = { late: AbortSignal }

export const patience =
  ({ stories, patienceMs }: Pick<Web, 'stories' | 'patienceMs'>): MiddlewareHandler<{ Variables: Patience }> =>
  async (c, next) => {
    const late = new AbortController()
    c.set('late', late.signal)
    const { promise: tooLong, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      const away = busAway()
      late.abort(away)
      reject(away)
    }, patienceMs)
    try {
      await Promise.race([stories.ready.then(() => next()), tooLong])
    } finally {
      clearTimeout(timer)
    }
  }

const busAway = (): Refused =>
  new Refused(503, {
    error: 'The bus does not answer: what you asked may or may not have been recorded.',
    mend: 'It is waited for. Send it again with the same Idempotency-Key: it counts once.',
  })
