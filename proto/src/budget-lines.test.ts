/** One word lets a story go on: each line that stops it is moved, no other, and far enough for the next call. */
import { expect, test } from 'vitest'
import { goOn } from './budget-lines.ts'
import type { Waiting } from './parts.ts'
import type { Story } from './story.ts'

const waits = (...waiting: object[]): Story => {
  const idle = { at: 'idle' }
  const steps = { scope: idle, design: idle, architecture: idle, build: idle, rebase: idle, land: idle }
  const paused = (one: object) => ({ at: 'paused', waiting: { kind: 'budget', ...about, ...one } as Waiting })
  const seats = Object.fromEntries(waiting.map((one, i) => [`seat${i}`, paused(one)]))
  return { steps, seats, budgetUsd: 5, limits: {}, submitted: { budgetUsd: 5 } } as unknown as Story
}
const about = { spentUsd: 4.2, neededUsd: 0.4, budgetUsd: 5 }

test.each([
  ['the hard line by half', {}, { budgetUsd: 7.5 }],
  ['the hard line by what the next call needs', { neededUsd: 9 }, { budgetUsd: 14 }],
  ['the soft line to the hard one', { line: 'soft', at: 4 }, { budgetUsd: 5, limits: { softUsd: 5 } }],
  ['the day’s', { line: 'day', at: 20, spent: 21 }, { budgetUsd: 5, limits: { dayUsd: 31 } }],
  ['a role’s', { line: 'role', of: 'implementer', at: 3 }, { budgetUsd: 5, limits: { roles: { implementer: 4.5 } } }],
  ['a stage’s', { line: 'stage', of: 'review', at: 2 }, { budgetUsd: 5, limits: { stages: { review: 3 } } }],
  ['tokens', { line: 'tokens', at: 1000, spent: 1200 }, { budgetUsd: 5, limits: { tokens: 1800 } }],
])('%s is moved', (_, waiting, raise) => {
  expect(goOn(waits(waiting))).toEqual(raise)
})

test('several that stop it at once are moved together', () => {
  const raise = goOn(waits({ line: 'soft', at: 4 }, { line: 'role', of: 'security', at: 1 }, {}))

  expect(raise).toEqual({ budgetUsd: 7.5, limits: { softUsd: 5, roles: { security: 1.5 } } })
})

test('nothing stops it: nothing is moved', () => {
  expect(goOn(waits())).toBeNull()
})
