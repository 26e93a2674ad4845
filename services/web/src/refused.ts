/** What is answered when something cannot be done: a status, one sentence, and the sentence that says the mend. */
import { Refusal } from '@sluice/kit/errors.ts'
import type { Log } from '@sluice/kit/log.ts'
import type { Problem } from '@sluice/proto/rest.ts'
import type { Context } from 'hono'

type Status = 400 | 401 | 403 | 404 | 409 | 413 | 500 | 503 | 507

export class Refused extends Error {
  override name = 'Refused'
  readonly status: Status
  readonly problem: Problem

  constructor(status: Status, problem: Problem, options?: ErrorOptions) {
    super(problem.error, options)
    this.status = status
    this.problem = problem
  }
}

export function refuse(status: Status, error: string, mend: string, more: Pick<Problem, 'current'> = {}): never {
  throw new Refused(status, { error, mend, ...more })
}

/** Every error ends here: what was thrown as a sentence is answered as it is, all else is logged. */
export const answerError = (log: Log) => (error: Error, c: Context) => {
  const refused = refusedFor(error)
  if (refused.status >= 500) log.error({ err: error, path: c.req.path }, 'answered with an error')
  return c.json(refused.problem, refused.status)
}

function refusedFor(error: Error): Refused {
  if (error instanceof Refused) return error
  if (error instanceof Refusal)
    return new Refused(409, { error: error.message.slice(0, -error.mend.length).trim(), mend: error.mend })
  if ('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT'))
    return new Refused(507, {
      error: 'The disk is full.',
      mend: 'Make room where the data directory lies, then send it again.',
    })
  return new Refused(500, { error: 'web failed at this.', mend: 'Its log says why; send it again.' })
}
