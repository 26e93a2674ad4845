/** What is foretold: costs that somebody really paid, and nothing from too few. */
import { expect, test } from 'vitest'
import { forecastOf, likelyUsd } from './forecast.ts'
import { noUsage } from './parts.ts'

const story = (scope: number, implementation: number) => ({ scope, implementation })
const five = [story(1, 10), story(2, 20), story(3, 30), story(4, 40), story(5, 50)]

test('half of the stories and nine of ten did not cost more, by stage and in all', () => {
  const { total, stages, stories } = forecastOf(five)

  expect([stories, total]).toEqual([5, { median: 33, most: 55 }])
  expect(stages.find(({ stage }) => stage === 'scope')).toMatchObject({ median: 3, most: 5 })
  expect(stages.find(({ stage }) => stage === 'design')).toMatchObject({ median: 0, most: 0 })
})

test('of few stories it says how many there are, and nothing more', () => {
  expect(forecastOf(five.slice(1))).toEqual({ stories: 4, least: 5, total: null, stages: [] })
})

test('a story is likely to cost what it has cost, and what its stages to come usually do', () => {
  const idle = { at: 'idle' } as const
  const at = (spent: Record<string, number>, design: 'idle' | 'done') =>
    likelyUsd(forecastOf(five), {
      ...{ status: 'running', approvals: {}, usage: noUsage },
      usageBy: Object.fromEntries(Object.entries(spent).map(([role, costUsd]) => [role, { ...noUsage, costUsd }])),
      steps: {
        ...{ scope: idle, architecture: idle, build: idle, rebase: idle, land: idle },
        design: { at: design },
      },
    } as never)

  expect(at({ analyst: 0.5 }, 'idle')).toBe(33)
  expect(at({ analyst: 7 }, 'idle')).toBe(37)
  // Scope is over: what it cost it cost.
  expect(at({ analyst: 0.5, designer: 2 }, 'done')).toBe(32.5)
})
