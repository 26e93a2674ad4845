/** What went wrong with a model call, as what is to be done about it. */
import { BudgetLine, type Waiting } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { redact } from '../log.ts'

export type Trouble =
  /** Another try may help, after this time if the other side named one. */
  | { kind: 'retry'; why: string; afterMs: number | null }
  /** The gateway does not know this run (it was started anew): open it again. */
  | { kind: 'reopen'; why: string }
  /** The key belongs to another request of the run. */
  | { kind: 'rekey'; why: string }
  | { kind: 'wait'; waiting: Waiting }
  | { kind: 'never'; why: string; status: number | null }

/** The fields of the SDK's `APIError`; others are errors of the connection. */
const ApiError = z.object({
  status: z.int().nullish(),
  type: z.string().nullish(),
  errorCode: z.string().nullish(),
  apiMessage: z.string().nullish(),
  requestID: z.string().nullish(),
  details: z.unknown().optional(),
})

const StoryBudget = z.object({
  ...{ spentUsd: z.number(), neededUsd: z.number(), budgetUsd: z.number(), line: BudgetLine.optional() },
  ...{ of: z.string().optional(), at: z.number().optional(), spent: z.number().optional() },
  resetsAt: z.string().optional(),
})
const RateLimited = z.object({ resetsAt: z.string(), policy: z.enum(['wait', 'ask', 'fail']), why: z.string() })
const Circle = z.object({ saw: z.string(), times: z.int().positive(), tool: z.string() })

/** What the gateway sends a call away with, as what the run waits for. */
function waitingIn(errorCode: string | null | undefined, details: unknown, said: string): Waiting | null {
  const budget = errorCode === 'story_budget' ? StoryBudget.safeParse(details) : null
  if (budget?.success) return { kind: 'budget', ...budget.data }
  const circle = errorCode === 'stuck' ? Circle.safeParse(details) : null
  if (circle?.success) return { kind: 'stuck', ...circle.data }
  const limited = errorCode === 'rate_limited' ? RateLimited.safeParse(details) : null
  if (!limited?.success || limited.data.policy === 'fail') return null
  const { resetsAt, policy } = limited.data
  return { kind: 'limit', resetsAt, wake: policy === 'wait', problem: said }
}

const accountTypes = new Set(['authentication_error', 'permission_error', 'billing_error'])
const busyTypes = new Set(['rate_limit_error', 'overloaded_error', 'api_error', 'timeout_error'])

/** Decides by status, type and error code, never by words: those change. */
export function troubleOf(error: unknown, headers?: Headers | undefined): Trouble {
  const { status, type, errorCode, apiMessage, requestID, details } = ApiError.parse(error)
  const said = redact(apiMessage ?? (error instanceof Error ? error.message : String(error))).slice(0, 500)
  const why = `${status ?? type ?? 'connection'}: ${said}${requestID ? ` (request ${requestID})` : ''}`

  if (errorCode === 'run_unknown') return { kind: 'reopen', why }
  if (errorCode === 'key_reused') return { kind: 'rekey', why }
  const waiting = waitingIn(errorCode, details, said)
  if (waiting) return { kind: 'wait', waiting }
  // It would have to wait, and the person wants it to fail instead.
  if (errorCode === 'rate_limited') return { kind: 'never', why, status: status ?? null }
  if ((status && [401, 402, 403].includes(status)) || (type && accountTypes.has(type)))
    return { kind: 'wait', waiting: { kind: 'account', problem: `The model's provider refuses this account: ${why}` } }
  if (status && [408, 409, 429].includes(status)) return { kind: 'retry', why, afterMs: retryAfter(headers) }
  if (status && status < 500) return { kind: 'never', why, status: status ?? null }
  if (status || !type || busyTypes.has(type)) return { kind: 'retry', why, afterMs: retryAfter(headers) }
  return { kind: 'never', why, status: status ?? null }
}

/** RFC 9110, section 10.2.3, in milliseconds; the API also says `retry-after-ms`. */
function retryAfter(headers?: Headers): number | null {
  const ms = Number(headers?.get('retry-after-ms') ?? Number.NaN)
  if (Number.isFinite(ms)) return ms
  const said = headers?.get('retry-after')
  if (!said) return null
  const seconds = Number(said)
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(said) - Date.now()
  return Number.isFinite(wait) ? Math.max(0, wait) : null
}
