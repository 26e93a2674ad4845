/** The hard line: whatever calls do at once, and however they end, it holds. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reserve, reservedUsd, settle, spentBefore, untouched } from './budget.ts'
import { openLines } from './lines.ts'

test('a call that cannot fit any more is refused with the three amounts', () => {
  const line = { ...untouched, spentUsd: 4.5 }

  expect(reserve(line, { id: 'a', usd: 0.6, budgetUsd: 5 })).toEqual({
    kind: 'refused',
    spentUsd: 4.5,
    neededUsd: 0.6,
    budgetUsd: 5,
  })
})

test('a call that would fit once others turn out cheaper waits for them', () => {
  const line = { spentUsd: 1, reserved: new Map([['other', 3.5]]) }

  expect(reserve(line, { id: 'a', usd: 1, budgetUsd: 5 }).kind).toBe('wait')
})

test('whatever calls come and end in whatever order, spent and reserved never exceed the budget', () => {
  const step = fc.record({
    id: fc.integer({ min: 0, max: 9 }),
    usd: fc.integer({ min: 0, max: 200 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    ends: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 500 }), (steps, budgetUsd) => {
      let line = untouched
      let n = 0
      for (const { id, usd, share, ends } of steps) {
        const open = [...line.reserved].at(id % Math.max(1, line.reserved.size))
        if (ends && open) line = settle(line, open[0], Math.floor(open[1] * share))
        const result = ends ? null : reserve(line, { id: `call ${n++}`, usd, budgetUsd })
        if (result?.kind === 'reserved') line = result.line

        expect(line.spentUsd + reservedUsd(line)).toBeLessThanOrEqual(budgetUsd)
      }
    }),
  )
})

test('a call settled twice is counted once', () => {
  const once = settle({ spentUsd: 0, reserved: new Map([['a', 2]]) }, 'a', 1)

  expect(settle(once, 'a', 1)).toEqual({ spentUsd: 1, reserved: new Map() })
})

test('ten calls at once share the line, and all that fit one after another are served', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 10, maxLength: 10 }), async (worsts) => {
      const lines = openLines(new Map())
      const budgetUsd = 60
      let highest = 0
      const signal = new AbortController().signal
      const call = async (usd: number, i: number) => {
        const got = await lines.reserve({ storyId: 's', id: `c${i}`, usd, budgetUsd, signal })
        if (got?.kind !== 'reserved') return got
        const line = lines.of('s')
        highest = Math.max(highest, line.spentUsd + reservedUsd(line))
        await new Promise((resolve) => setImmediate(resolve))
        lines.settle('s', `c${i}`, 1)
        return got
      }

      const results = await Promise.all(worsts.map(call))

      expect(highest).toBeLessThanOrEqual(budgetUsd)
      // Each costs 1 in the end and needs at most 50 of 60: none may be refused because of its neighbours.
      expect(results.every((r) => r?.kind === 'reserved')).toBe(true)
      expect(lines.of('s')).toEqual({ spentUsd: 10, reserved: new Map() })
    }),
    { numRuns: 50 },
  )
})

test('a call whose neighbours do not end is sent away, and one that was given up waits no longer', async () => {
  const lines = openLines(new Map([['s', { spentUsd: 0, reserved: new Map([['other', 5]]) }]]), { patienceMs: 20 })
  const gone = AbortSignal.abort()

  expect(
    await lines.reserve({ storyId: 's', id: 'a', usd: 1, budgetUsd: 5, signal: new AbortController().signal }),
  ).toBeNull()
  expect(await lines.reserve({ storyId: 's', id: 'b', usd: 1, budgetUsd: 5, signal: gone })).toBeNull()
})

test('what was spent before this process began counts', async () => {
  async function* usage() {
    yield { storyId: 'a', costUsd: 1 }
    yield { storyId: 'b', costUsd: 2 }
    yield { storyId: 'a', costUsd: 0.5 }
  }

  expect((await spentBefore(usage())).get('a')?.spentUsd).toBe(1.5)
})
