/** What the gateway itself says to whoever calls, in the shape of the API's errors: a sentence, and a code that programs act by. */
import type { BudgetLine, Waiting } from '@sluice/proto/parts.ts'
import type { Reservation } from './budget.ts'
import { dayOf, nextDay } from './day.ts'
import type { RateLimitPolicy } from './settings.ts'

export type Problem = {
  status: number
  type: string
  message: string
  details?: Record<string, unknown>
  headers?: Record<string, string>
  /** What a run waits for that is sent away with it. */
  waiting?: Waiting
}

/** Retried by itself it would be sent away again. */
const final = { 'x-should-retry': 'false' }

export const invalid = (message: string, more: Partial<Problem> = {}): Problem => ({
  status: 400,
  type: 'invalid_request_error',
  message,
  ...more,
})

export const unknownRun: Problem = {
  status: 401,
  type: 'authentication_error',
  message: 'This run is not known here: open it again.',
  details: { error_code: 'run_unknown' },
}

/** The run's agent is let in by the person's login, and did not say it. */
export const noLogin: Problem = {
  ...{ status: 401, type: 'authentication_error' },
  message:
    'This run goes by the person’s login, and its call brought none. Log in with `claude` (/login), or set auth: key.',
}

export const keyOfAnother: Problem = invalid(
  'This idempotency key belongs to another request of the run: send a key of its own with every request.',
  { status: 422, details: { error_code: 'key_reused' } },
)

export const unreachable = (code: string): Problem => ({
  status: 502,
  type: 'api_error',
  message: `The model's API cannot be reached: ${code}.`,
})

export const failure: Problem = {
  status: 500,
  type: 'api_error',
  message: 'The gateway failed; its log says why.',
}

type Refused = Extract<Reservation, { kind: 'refused' }>

/** A line of the budget is in the way. */
export function overBudget(
  refused: Refused,
  about: { budgetUsd: number; spentUsd: number; neededUsd: number },
): Problem {
  const { limit, spent } = refused
  const { line, at, of } = limit
  const { neededUsd, budgetUsd } = about
  // What the story has spent, whatever else was counted.
  const spentUsd = line === 'hard' || line === 'soft' ? spent : about.spentUsd
  const resetsAt = line === 'day' ? nextDay(Date.now()).toISOString() : undefined
  const more = { line, at, spent, ...(of ? { of } : {}), ...(resetsAt ? { resetsAt } : {}) }
  const waiting = { kind: 'budget', spentUsd, neededUsd, budgetUsd, ...more } satisfies Waiting
  const { kind: _, ...details } = waiting
  const message = sentence(line, { spent, at, of: of ?? '', neededUsd })
  return {
    ...{ status: 402, type: 'billing_error', message, headers: final, waiting },
    details: { error_code: 'story_budget', ...details },
  }
}

const usd = (n: number) => `$${n.toFixed(2)}`

function sentence(
  line: BudgetLine,
  { spent, at, of, neededUsd }: { spent: number; at: number; of: string; neededUsd: number },
) {
  if (line === 'soft') return `${usd(spent)} are spent, which passes the story's soft line of ${usd(at)}.`
  if (line === 'tokens') return `${Math.round(spent)} tokens are used, and the story's line is ${at}.`
  const whose = {
    hard: "the story's budget",
    day: `the line of ${dayOf(Date.now())}`,
    role: `the line of ${of}`,
    stage: `the line of ${of}`,
  }
  return `This call may cost ${usd(neededUsd)}, ${usd(spent)} are spent, and ${whose[line]} is ${usd(at)}.`
}

/** The account's calls are held for longer than anybody waits here; by policy somebody else goes on, or it is the end. */
export function heldBack({ resetsAt, why }: { resetsAt: string; why: string }, policy: RateLimitPolicy): Problem {
  const seconds = Math.max(1, Math.ceil((Date.parse(resetsAt) - Date.now()) / 1_000))
  const message = `The account's calls are held: ${why}.`
  return {
    ...{ status: 429, type: 'rate_limit_error', message, headers: { ...final, 'retry-after': String(seconds) } },
    details: { error_code: 'rate_limited', resetsAt, policy, why },
    ...(policy === 'fail' ? {} : { waiting: { kind: 'limit', resetsAt, wake: policy === 'wait', problem: message } }),
  }
}

/** The same call of a tool again and again. */
export function goesRound({ tool, input, times }: { tool: string; input: string; times: number }): Problem {
  const saw = `${tool} was called ${times} times in a row with the same input: ${input}`
  return {
    ...{ status: 400, type: 'invalid_request_error', message: saw, headers: final },
    details: { error_code: 'stuck', tool, times, saw },
    waiting: { kind: 'stuck', saw, times, tool },
  }
}
