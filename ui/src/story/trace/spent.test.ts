/** Where the time of a stage went. */
import type { Span } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { noTime, timeSpent } from './spent.ts'

const span = (id: string, parent: string | null, kind: Span['kind'], [start, end]: [number, number | null]): Span => ({
  ...{ id, parent, name: id, service: 's', kind, start, end, costUsd: 0, tokens: 0, outcome: '', event: null },
})

test('every moment of a stage counts once: for work before waiting, for the rest where nobody was at it', () => {
  const spans = [
    ...[span('story', null, 'story', [0, null]), span('review', 'story', 'stage', [0, 100])],
    ...[span('r1', 'review', 'request', [0, 60]), span('queue', 'r1', 'wait', [0, 20])],
    ...[span('m1', 'r1', 'model', [20, 50]), span('r2', 'review', 'request', [0, 60])],
    ...[
      span('q2', 'r2', 'wait', [0, 40]),
      span('t2', 'r2', 'tool', [40, 60]),
      span('gate', 'review', 'person', [70, null]),
    ],
  ]

  const [stage] = timeSpent(spans, 500)

  expect(stage).toMatchObject({ stage: 'review', ms: 100 })
  expect(stage?.by).toEqual({ ...noTime(), wait: 20, model: 30, tool: 10, other: 10, person: 30 })
})
