/** The lines: whatever calls do at once, and however they end, they hold. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  accountsOf,
  type Limit,
  type Lines,
  limitsOf,
  reserve,
  reservedIn,
  settle,
  spentBefore,
  untouched,
} from './budget.ts'
import { openLines } from './lines.ts'

const caller = { storyId: 's', role: 'implementer', day: '2026-11-26' }
const accounts = accountsOf(caller)
const [story = '', role = '', stage = '', day = ''] = accounts
const usd = (amount: number) => ({ usd: amount, tokens: 0 })
const hard = (at: number): Limit[] => [{ line: 'hard', account: story, at, unit: 'usd', firm: true }]
const spent = (amount: number): Lines => spentBefore([{ ...caller, cost: usd(amount) }])

test('a call that cannot fit any more is refused with the amounts', () => {
  expect(reserve(spent(4.5), { id: 'a', amount: usd(0.6), accounts, limits: hard(5) })).toMatchObject({
    kind: 'refused',
    spent: 4.5,
    needed: 0.6,
    limit: { line: 'hard', at: 5 },
  })
})

test('a call that would fit once others turn out cheaper waits for them', () => {
  const lines: Lines = new Map([[story, { spent: usd(1), reserved: new Map([['other', usd(3.5)]]) }]])

  expect(reserve(lines, { id: 'a', amount: usd(1), accounts, limits: hard(5) }).kind).toBe('wait')
})

test('a soft line lets through what begins below it, whatever it may cost, and nothing once it is passed', () => {
  const limits: Limit[] = [{ line: 'soft', account: story, at: 4, unit: 'usd', firm: false }]
  const call = { id: 'a', amount: usd(3), accounts, limits }

  expect(reserve(spent(3.9), call).kind).toBe('reserved')
  expect(reserve(spent(4), call)).toMatchObject({ kind: 'refused', limit: { line: 'soft' } })
})

test('every line of a story stops its own account: role, stage and the day of all stories', () => {
  const elsewhere = { ...caller, storyId: 'other' }
  const lines = spentBefore([
    { ...caller, cost: usd(2) },
    { ...elsewhere, cost: usd(6) },
    { ...caller, role: 'security', cost: usd(1) },
  ])
  const of = (limits: object) =>
    reserve(lines, { id: 'a', amount: usd(1), accounts, limits: limitsOf(caller, { budgetUsd: 100, limits }) })

  expect(of({ roles: { implementer: 2.5 } })).toMatchObject({
    kind: 'refused',
    limit: { line: 'role', of: 'implementer' },
  })
  expect(of({ roles: { security: 0.1 } }).kind).toBe('reserved')
  expect(of({ stages: { implementation: 2.9 } })).toMatchObject({ kind: 'refused', limit: { line: 'stage' } })
  expect(of({ dayUsd: 9.5 })).toMatchObject({ kind: 'refused', limit: { line: 'day' }, spent: 9 })
  expect(of({ dayUsd: 10, stages: { implementation: 3 }, roles: { implementer: 3 } }).kind).toBe('reserved')
  expect(lines.get(`stage s review`)?.spent.usd).toBe(1)
})

test('with a login dollars stop nothing, tokens do', () => {
  const lines = spentBefore([{ ...caller, cost: { usd: 0, tokens: 900 } }])
  const of = (tokens: number) =>
    reserve(lines, {
      ...{ id: 'a', amount: { usd: 0, tokens: 50 }, accounts },
      limits: limitsOf(caller, { budgetUsd: 0.01, login: true, limits: { tokens, softUsd: 0.001 } }),
    })

  expect(of(901).kind).toBe('reserved')
  expect(of(900)).toMatchObject({ kind: 'refused', limit: { line: 'tokens' }, spent: 900 })
})

test('whatever calls of whatever roles come and end in whatever order, no firm line is ever passed', () => {
  const step = fc.record({
    id: fc.integer({ min: 0, max: 9 }),
    usd: fc.integer({ min: 0, max: 200 }),
    role: fc.constantFrom('implementer', 'security', 'analyst'),
    story: fc.constantFrom('s', 't'),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    ends: fc.boolean(),
    twice: fc.boolean(),
  })
  const limits = { roles: { implementer: 300, security: 90 }, stages: { review: 80 }, dayUsd: 450 }
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 500 }), (steps, budgetUsd) => {
      let lines: Lines = new Map()
      let paid = 0
      let n = 0
      const open: { id: string; accounts: string[]; most: number }[] = []
      for (const one of steps) {
        const who = { storyId: one.story, role: one.role, day: caller.day }
        const ending = one.ends ? open.splice(one.id % Math.max(1, open.length), 1)[0] : undefined
        if (ending) {
          const cost = Math.floor(ending.most * one.share)
          lines = settle(lines, ending, usd(cost))
          if (one.twice) lines = settle(lines, ending, usd(cost))
          paid += cost
        }
        const call = { id: `call ${n++}`, amount: usd(one.usd), accounts: accountsOf(who) }
        const result = one.ends ? null : reserve(lines, { ...call, limits: limitsOf(who, { budgetUsd, limits }) })
        if (result?.kind === 'reserved') {
          lines = result.lines
          open.push({ id: call.id, accounts: call.accounts, most: one.usd })
        }

        const full = (account: string) => {
          const line = lines.get(account) ?? untouched
          return line.spent.usd + reservedIn(line).usd
        }
        for (const id of ['s', 't']) {
          expect(full(`story ${id}`)).toBeLessThanOrEqual(budgetUsd)
          expect(full(`role ${id} security`)).toBeLessThanOrEqual(90)
          expect(full(`stage ${id} review`)).toBeLessThanOrEqual(80)
        }
        expect(full(day)).toBeLessThanOrEqual(450)
        expect((lines.get(day) ?? untouched).spent.usd).toBe(paid)
      }
    }),
  )
})

test('a call settled twice is counted once', () => {
  const reserved: Lines = new Map([[story, { spent: usd(0), reserved: new Map([['a', usd(2)]]) }]])
  const call = { id: 'a', accounts }

  const lines = settle(settle(reserved, call, usd(1)), call, usd(1))

  expect(lines.get(story)).toEqual({ spent: usd(1), reserved: new Map() })
  expect([role, stage].some((account) => lines.has(account))).toBe(false)
})

test('ten calls at once share the line, and all that fit one after another are served', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 10, maxLength: 10 }), async (worsts) => {
      const lines = openLines()
      let highest = 0
      const signal = new AbortController().signal
      const call = async (worst: number, i: number) => {
        const one = { id: `c${i}`, accounts }
        const got = await lines.reserve({ ...one, amount: usd(worst), limits: hard(60), signal })
        if (got?.kind !== 'reserved') return got
        const line = lines.of(story)
        highest = Math.max(highest, line.spent.usd + reservedIn(line).usd)
        await new Promise((resolve) => setImmediate(resolve))
        lines.settle(one, usd(1))
        return got
      }

      const results = await Promise.all(worsts.map(call))

      expect(highest).toBeLessThanOrEqual(60)
      // Each costs 1 in the end and needs at most 50 of 60: none may be refused because of its neighbours.
      expect(results.every((r) => r?.kind === 'reserved')).toBe(true)
      expect(lines.of(story)).toEqual({ spent: usd(10), reserved: new Map() })
    }),
    { numRuns: 50 },
  )
})

test('a call whose neighbours do not end is sent away, and one that was given up waits no longer', async () => {
  const before: Lines = new Map([[story, { spent: usd(0), reserved: new Map([['other', usd(5)]]) }]])
  const lines = openLines(before, { patienceMs: 20 })
  const ask = (signal: AbortSignal) => lines.reserve({ id: 'a', amount: usd(1), accounts, limits: hard(5), signal })

  expect(await ask(new AbortController().signal)).toBeNull()
  expect(await ask(AbortSignal.abort())).toBeNull()
})
