/** What went wrong with a model call, as what is to be done about it. */
import type { Waiting } from '@sluice/proto/parts.ts'
import { z } from 'zod'
import { redact } from '../log.ts'

export type Trouble =
  /** Another try may help, after this time if the other side named one. */
  | { kind: 'retry'; why: string; afterMs: number | null }
  /** The gateway does not know this run (it was started anew): open it again. */
  | { kind: 'reopen'; why: string }
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

const StoryBudget = z.object({ spentUsd: z.number(), neededUsd: z.number(), budgetUsd: z.number() })

const accountTypes = new Set(['authentication_error', 'permission_error', 'billing_error'])
const busyTypes = new Set(['rate_limit_error', 'overloaded_error', 'api_error', 'timeout_error'])

/** Decides by status, type and error code, never by words: those change. */
export function troubleOf(error: unknown, headers?: Headers | undefined): Trouble {
  const { status, type, errorCode, apiMessage, requestID, details } = ApiError.parse(error)
  const said = redact(apiMessage ?? (error instanceof Error ? error.message : String(error))).slice(0, 500)
  const why = `${status ?? type ?? 'connection'}: ${said}${requestID ? ` (request ${requestID})` : ''}`

  if (errorCode === 'run_unknown') return { kind: 'reopen', why }
  const budget = errorCode === 'story_budget' ? StoryBudget.safeParse(details) : null
  if (budget?.success) return { kind: 'wait', waiting: { kind: 'budget', ...budget.data } }
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
