/** What the provider's headers say of its limits: when the account may call again, and how full a plan's windows are. */
import type { PlanWindow } from '@sluice/proto/rest.ts'

export type Hold = { until: number; why: string }
/** `whole`: the account, not the one model. `refused`: it said no, rather than that nothing is left for the next. */
export type Heard = { hold: Hold | null; whole: boolean; refused: boolean }

const FIRST_WAIT_MS = 1_000
const LONGEST_GUESS_MS = 60_000
const free: Heard = { hold: null, whole: false, refused: false }

export function heldBy(
  { status, headers }: { status: number; headers: Headers },
  { now, refusals }: { now: number; refusals: number },
): Heard {
  const plan = spentPlan(status, headers)
  if (plan !== null) {
    const until = plan > now ? plan : now + (retryAfterMs(headers, now) ?? LONGEST_GUESS_MS)
    return { hold: { until, why: 'the plan has nothing left in its window' }, whole: true, refused: true }
  }
  if (status === 429 || status === 529) {
    const waitMs = retryAfterMs(headers, now) ?? guessed(refusals)
    const why = status === 429 ? 'the provider limits the rate' : 'the provider is overloaded'
    return { hold: { until: now + waitMs, why }, whole: false, refused: true }
  }
  const used = usedUp(headers)
  if (status >= 400 || !used || used.until <= now) return free
  return { hold: used, whole: false, refused: false }
}

/** Doubling, with a tenth of jitter so that two houses on one account do not come back together. */
const guessed = (refusals: number): number =>
  Math.min(LONGEST_GUESS_MS, FIRST_WAIT_MS * 2 ** Math.min(refusals, 10)) * (1 + Math.random() / 10)

/** RFC 9110, section 10.2.3; the API also says `retry-after-ms`. */
function retryAfterMs(headers: Headers, now: number): number | null {
  const ms = numberIn(headers, 'retry-after-ms')
  if (ms !== null) return Math.max(0, ms)
  const said = headers.get('retry-after')
  if (!said) return null
  const seconds = Number(said)
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(said) - now
  return Number.isFinite(wait) ? Math.max(0, wait) : null
}

/** `anthropic-ratelimit-<what>-remaining: 0` and its `-reset` (RFC 3339): the next call would be refused. */
function usedUp(headers: Headers): Hold | null {
  const spent = ['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((what) => {
    if (numberIn(headers, `anthropic-ratelimit-${what}-remaining`) !== 0) return []
    const until = Date.parse(headers.get(`anthropic-ratelimit-${what}-reset`) ?? '')
    return Number.isFinite(until) ? [{ until, why: `no ${what.replace('-', ' ')} are left` }] : []
  })
  return spent.sort((a, b) => b.until - a.until)[0] ?? null
}

const PLAN = 'anthropic-ratelimit-unified-'

/** When a plan that has nothing left is filled again; 0 if it does not say. Null while there is something, or extra use is paid. */
function spentPlan(status: number, headers: Headers): number | null {
  const isRejected = headers.get(`${PLAN}status`) === 'rejected' && headers.get(`${PLAN}overage-status`) !== 'allowed'
  if (status !== 429 || !isRejected) return null
  return (numberIn(headers, `${PLAN}reset`) ?? 0) * 1_000
}

/** `…-5h-utilization: 0.42`, `…-5h-reset: <seconds since the epoch>`, `…-5h-status`: of every window that is named. */
export function windowsIn(headers: Headers, before: PlanWindow[], at: string): PlanWindow[] {
  const windows = [...headers.keys()].flatMap((header) => {
    const name = /^anthropic-ratelimit-unified-(.+)-utilization$/.exec(header)?.[1]
    const used = name === undefined ? null : numberIn(headers, header)
    if (name === undefined || used === null) return []
    const reset = numberIn(headers, `${PLAN}${name}-reset`)
    const status = headers.get(`${PLAN}${name}-status`) ?? headers.get(`${PLAN}status`)
    const resetsAt = reset === null ? null : new Date(reset * 1_000).toISOString()
    return [{ name, used, resetsAt, status, at }]
  })
  return windows.length > 0 ? windows : before
}

function numberIn(headers: Headers, name: string): number | null {
  const said = headers.get(name)
  if (said === null || said.trim() === '') return null
  const number = Number(said)
  return Number.isFinite(number) ? number : null
}
