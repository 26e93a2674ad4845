/** The lines of money: what was spent on each account, what calls in flight may still cost, and where it stops. Pure. */
import type { BudgetLine, Limits } from '@sluice/proto/parts.ts'
import { stageOfRole } from '@sluice/proto/pipeline.ts'

/** US dollars, and tokens that a plan counts: what goes in anew and what comes out. */
export type Amount = { usd: number; tokens: number }
export const nothing: Amount = { usd: 0, tokens: 0 }

/** A story, a role or stage of it, or a day of the whole project. */
export type Account = string

/** `reserved` holds the worst case of every call that is under way, by its id. */
export type Line = { spent: Amount; reserved: ReadonlyMap<string, Amount> }
export const untouched: Line = { spent: nothing, reserved: new Map() }

export type Lines = ReadonlyMap<Account, Line>

/** Who calls, for whom, when. */
export type Caller = { storyId: string; role: string; day: string }

/** Every account a call is entered in. */
export const accountsOf = ({ storyId, role, day }: Caller): Account[] => [
  storyAccount(storyId),
  `role ${storyId} ${role}`,
  `stage ${storyId} ${stageOfRole(role)}`,
  `day ${day}`,
]
export const storyAccount = (storyId: string): Account => `story ${storyId}`

/**
 * Where an account stops. A firm one is never passed: the worst case of a call must fit below it. The others stop the next call once they
 * are passed: a question whether to go on fires on what was spent, not on what might be.
 */
export type Limit = { line: BudgetLine; account: Account; at: number; unit: keyof Amount; firm: boolean; of?: string }

/** With a login nobody pays dollars: tokens alone are counted. */
export function limitsOf(
  caller: Caller,
  run: { budgetUsd: number; limits?: Limits | undefined; login?: boolean | undefined },
): Limit[] {
  const [story = '', role = '', stage = '', day = ''] = accountsOf(caller)
  const { softUsd, dayUsd, tokens, roles, stages } = run.limits ?? {}
  const stageName = stageOfRole(caller.role)
  const firm = (line: BudgetLine, account: Account, at: number | undefined, of?: string): Limit[] =>
    at === undefined || run.login ? [] : [{ line, account, at, unit: 'usd', firm: true, ...(of ? { of } : {}) }]
  return [
    ...firm('hard', story, run.budgetUsd),
    ...firm('role', role, roles?.[caller.role], caller.role),
    ...firm('stage', stage, stages?.[stageName], stageName),
    ...firm('day', day, dayUsd),
    ...(tokens === undefined
      ? []
      : [{ line: 'tokens' as const, account: story, at: tokens, unit: 'tokens' as const, firm: false }]),
    ...(softUsd === undefined || run.login
      ? []
      : [{ line: 'soft' as const, account: story, at: softUsd, unit: 'usd' as const, firm: false }]),
  ]
}

export type Call = { id: string; amount: Amount; accounts: readonly Account[]; limits: readonly Limit[] }

export type Reservation =
  | { kind: 'reserved'; lines: Lines }
  /** It does not fit beside the calls under way, but may when they turn out cheaper than their worst case. */
  | { kind: 'wait' }
  | { kind: 'refused'; limit: Limit; spent: number; needed: number }

/** Takes the worst case of a call out of what is left of all its lines, or of none. */
export function reserve(lines: Lines, { id, amount, accounts, limits }: Call): Reservation {
  const lineOf = (account: Account) => lines.get(account) ?? untouched
  for (const limit of limits) {
    const spent = lineOf(limit.account).spent[limit.unit]
    const passed = limit.firm ? spent + amount[limit.unit] > limit.at : spent >= limit.at
    if (passed) return { kind: 'refused', limit, spent, needed: amount[limit.unit] }
  }
  const full = limits.some(({ account, unit, at, firm }) => {
    const line = lineOf(account)
    return firm && line.spent[unit] + reservedIn(line)[unit] + amount[unit] > at
  })
  if (full) return { kind: 'wait' }
  const taken = accounts.map((account) => {
    const line = lineOf(account)
    return [account, { ...line, reserved: new Map([...line.reserved, [id, amount]]) }] as const
  })
  return { kind: 'reserved', lines: new Map([...lines, ...taken]) }
}

/** What the call did cost takes the place of its worst case. A second settlement of the same call changes nothing. */
export function settle(lines: Lines, { id, accounts }: Pick<Call, 'id' | 'accounts'>, cost: Amount): Lines {
  const settled = accounts.flatMap((account) => {
    const line = lines.get(account)
    if (!line?.reserved.has(id)) return []
    const reserved = new Map([...line.reserved].filter(([other]) => other !== id))
    return [[account, { spent: plus(line.spent, cost), reserved }] as const]
  })
  return new Map([...lines, ...settled])
}

/** What was spent before this process began. */
export function spentBefore(spent: Iterable<Caller & { cost: Amount }>): Lines {
  const lines = new Map<Account, Line>()
  for (const { cost, ...caller } of spent)
    for (const account of accountsOf(caller)) {
      const line = lines.get(account) ?? untouched
      lines.set(account, { ...line, spent: plus(line.spent, cost) })
    }
  return lines
}

export const reservedIn = ({ reserved }: Line): Amount => [...reserved.values()].reduce(plus, nothing)

const plus = (a: Amount, b: Amount): Amount => ({ usd: a.usd + b.usd, tokens: a.tokens + b.tokens })
