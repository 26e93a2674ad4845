/** Money added up: every call once under each of its names, dollars that are not known said to be so. */
import type { Card, LedgerEntry } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { forecastFrom, moneyOf } from './money.ts'

const usage = (inputTokens: number, costUsd: number) => ({
  ...{ inputTokens, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, costUsd },
})
const call = (over: Partial<LedgerEntry>): LedgerEntry => ({
  ...{ at: '2026-01-02T12:00:00Z', door: 'model', host: 'api.anthropic.com', bytesOut: 1, bytesIn: 1 },
  ...{ storyId: 's1', role: 'analyst', runId: 'r', outcome: '200', model: 'm1', usage: usage(10, 1) },
  ...over,
})
const card = (id: string) => ({ id, title: `Story ${id}`, status: 'running', budgetUsd: 5 }) as Card

const entries = [
  call({}),
  call({ role: 'implementer', usage: usage(20, 3), at: '2026-01-03T12:00:00Z' }),
  call({ storyId: 's2', role: 'implementer', model: 'm2', usage: usage(99, 0) }),
  call({ storyId: null, role: 'memory', usage: usage(1, 0.5) }),
  call({ door: 'egress', usage: undefined, model: undefined }),
]
const sums = (slices: { name: string; calls: number; usage: { costUsd: number } }[]) =>
  slices.map(({ name, calls, usage: { costUsd } }) => [name, calls, costUsd])

test('every model call counts once by story, role, model and day, what costs most first', () => {
  const money = moneyOf({ entries, cards: [card('s2'), card('s1'), card('s3')], scripted: null, projectId: 'p1' })

  expect(sums([money.total])).toEqual([['total', 4, 4.5]])
  expect(sums(money.stories)).toEqual([
    ['s1', 2, 4],
    ['s2', 1, 0],
    ['s3', 0, 0],
  ])
  expect(sums(money.roles)).toEqual([
    ['implementer', 2, 3],
    ['analyst', 1, 1],
    ['memory', 1, 0.5],
  ])
  expect(sums(money.models)).toEqual([
    ['m1', 3, 4.5],
    ['m2', 1, 0],
  ])
  expect(sums(money.days)).toEqual([
    ['2026-01-03', 1, 3],
    ['2026-01-02', 3, 1.5],
  ])
})

test('a call whose price nobody knows is counted as such, its tokens kept', () => {
  const { models } = moneyOf({ entries, cards: [], scripted: null, projectId: 'p1' })

  expect(models.map(({ name, unpriced, usage: { inputTokens } }) => [name, unpriced, inputTokens])).toEqual([
    ['m1', 0, 31],
    ['m2', 1, 99],
  ])
})

test('a call that was entered twice counts once; by stage, replica, plan and guess it is told too', () => {
  const money = moneyOf({
    entries: [
      call({ id: 'a.0', replica: '2' }),
      call({ id: 'a.0', replica: '2' }),
      call({ id: 'b.0', role: 'security', estimated: true, usage: usage(5, 2) }),
      call({ id: 'c.0', role: 'generic', login: true, usage: usage(7, 0) }),
    ],
    ...{ cards: [], scripted: null, projectId: 'p1' },
  })

  expect(sums(money.stages)).toEqual([
    ['review', 2, 2],
    ['scope', 1, 1],
  ])
  expect(sums(money.replicas)).toEqual([
    ['security', 1, 2],
    ['analyst 2', 1, 1],
    ['generic', 1, 0],
  ])
  expect(sums([money.estimated, money.plan])).toEqual([
    ['estimated', 1, 2],
    ['plan', 1, 0],
  ])
  // A plan pays for it: its price is known, and is nothing.
  expect(money.total.unpriced).toBe(0)
})

test('what stories will cost is foretold from those of this project that shipped', () => {
  const ids = ['s1', 's2', 's3', 's4', 's5', 'else', 'runs']
  const cards = ids.map((id) => ({
    ...card(id),
    ...{ projectId: id === 'else' ? 'p2' : 'p1', status: id === 'runs' ? 'running' : 'shipped' },
  })) as Card[]
  const spent = ids.map((storyId, i) => call({ storyId, usage: usage(1, i + 1) }))

  const { stories, total, stages } = forecastFrom({ entries: spent, cards, projectId: 'p1' })

  expect([stories, total]).toEqual([5, { median: 3, most: 5 }])
  expect(stages[0]).toEqual({ stage: 'scope', median: 3, most: 5 })
})
