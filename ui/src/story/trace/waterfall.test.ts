/** A trace as rows. */
import type { Span } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { type Kind, lanesOf, placeIn, waterfall, wholeOf, zoomed } from './waterfall.ts'

const span = (
  id: string,
  parent: string | null,
  [start, end]: [number, number | null],
  kind: Kind = 'request',
): Span => ({
  ...{ id, parent, name: id, service: 's', kind, start, end, costUsd: 0, tokens: 0, outcome: '', event: null },
})
const none = { now: 100, shut: new Set<string>(), hidden: new Set<Kind>() }
const tree = [
  ...[span('a', null, [0, 100]), span('c', 'a', [50, 90], 'tool'), span('b', 'a', [10, 40], 'attempt')],
  span('d', 'b', [20, 30], 'model'),
]
const seen = (rows: ReturnType<typeof waterfall>) => rows.map((row) => [row.span.id, row.depth, row.below])

test('children stand under their parent, in the order of time', () => {
  expect(seen(waterfall(tree, none))).toEqual([
    ['a', 0, 3],
    ['b', 1, 1],
    ['d', 2, 0],
    ['c', 1, 0],
  ])
})

test('a row that is shut hides what is below it, and says how much', () => {
  expect(seen(waterfall(tree, { ...none, shut: new Set(['b']) }))).toEqual([
    ['a', 0, 3],
    ['b', 1, 1],
    ['c', 1, 0],
  ])
})

test('a kind that is left out leaves what is below it', () => {
  expect(seen(waterfall(tree, { ...none, hidden: new Set<Kind>(['attempt']) }))).toEqual([
    ['a', 0, 2],
    ['d', 1, 0],
    ['c', 1, 0],
  ])
})

test('what still runs ends now; a span whose parent is not there is shown all the same', () => {
  const lost = span('a', 'gone', [1_000, null])

  expect(waterfall([lost], { ...none, now: 4_000 })[0]?.ms).toBe(3_000)
  expect(wholeOf([lost], 4_000)).toEqual({ from: 1_000, to: 4_000 })
  expect(waterfall([], none)).toEqual([])
})

test('each span has its place in what is looked at; what lies outside has none', () => {
  const range = { from: 100, to: 200 }

  expect(placeIn(range, span('a', null, [50, 125]), 0)).toEqual({ left: 0, width: 0.25 })
  expect(placeIn(range, span('a', null, [150, 300]), 0)).toEqual({ left: 0.5, width: 0.5 })
  expect(placeIn(range, span('a', null, [10, 90]), 0)).toBeNull()
  expect(zoomed(range, 0.5, { from: 0, to: 1_000 })).toEqual({ from: 125, to: 175 })
  expect(zoomed(range, 100, { from: 0, to: 1_000 })).toEqual({ from: 0, to: 1_000 })
})

test('what a service did at once stands on tracks of its lane', () => {
  const spans = [
    span('m1', 'x', [0, 10], 'model'),
    span('m2', 'x', [5, 15], 'model'),
    span('m3', 'x', [10, 12], 'model'),
  ]

  const [lane] = lanesOf([...spans, span('r', null, [0, 20])], 20)

  expect(lane?.tracks.map((track) => track.map(({ id }) => id))).toEqual([['m1', 'm3'], ['m2']])
})
