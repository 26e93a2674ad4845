/** A trace as a person reads it. */
import type { Span } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { spanTree } from './span-tree.ts'

const span = (id: string, parent: string | null, more: Partial<Span> = {}): Span => ({
  ...{ id, parent, name: id, service: 'orchestrator', kind: 'request', start: 1000, end: 2000 },
  ...{ costUsd: 0, tokens: 0, outcome: 'done', event: null, ...more },
})

test('children stand below their parent in the order they began, with who, times and cost', () => {
  const spans = [
    span('story', null, { service: 'web', start: 0, end: 65_000, outcome: 'shipped' }),
    span('design', 'story', { start: 30_000, end: 30_500 }),
    span('scope', 'story', { service: 'analyst', start: 500, end: 3000, costUsd: 0.125, tokens: 12_345 }),
    span('call', 'scope', { service: 'llm-gateway', start: 600, end: 2900 }),
  ]

  expect(spanTree(spans, { now: 0, width: 120 })).toEqual([
    'SPAN      WHO           FROM START       TOOK  TOKENS   COST  OUTCOME',
    'story     web                +0 ms  1 min 5 s                 shipped',
    '├ scope   analyst          +500 ms      2.5 s   12.3k  $0.13  done',
    '│ └ call  llm-gateway      +600 ms      2.3 s                 done',
    '└ design  orchestrator     +30.0 s     500 ms                 done',
  ])
})

test('a span that still runs has taken as long as until now', () => {
  expect(spanTree([span('story', null, { end: null })], { now: 4000 })[1]).toContain('3.0 s …')
})

test('a span whose parent is not told of is not lost', () => {
  expect(spanTree([span('a', null), span('b', 'gone')], { now: 0 })).toHaveLength(3)
})

test('on a narrow screen the names give way, not the numbers', () => {
  const lines = spanTree([span('a name that is much longer than the screen is wide', null)], { now: 0, width: 70 })

  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(70)
  expect(lines[1]).toMatch(/^a name .*… +orchestrator +\+0 ms +1\.0 s/)
})
