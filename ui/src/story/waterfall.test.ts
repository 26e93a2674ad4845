/** A trace as rows. */
import type { Span } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { waterfall } from './waterfall.ts'

const span = (id: string, parent: string | null, start: number, end: number | null): Span => ({
  id,
  parent,
  name: id,
  service: 's',
  kind: 'request',
  start,
  end,
  costUsd: 0,
  tokens: 0,
  outcome: '',
  event: null,
})

test('children stand under their parent, in the order of time', () => {
  const rows = waterfall(
    [span('a', null, 0, 100), span('c', 'a', 50, 90), span('b', 'a', 10, 40), span('d', 'b', 20, 30)],
    100,
  )

  expect(rows.map(({ span: { id }, depth }) => [id, depth])).toEqual([
    ['a', 0],
    ['b', 1],
    ['d', 2],
    ['c', 1],
  ])
})

test('each span has its place in the whole', () => {
  const rows = waterfall([span('a', null, 1_000, 1_200), span('b', 'a', 1_050, 1_150)], 0)

  expect(rows.map(({ left, width }) => [left, width])).toEqual([
    [0, 1],
    [0.25, 0.5],
  ])
})

test('what still runs ends now', () => {
  expect(waterfall([span('a', null, 1_000, null)], 4_000)[0]?.ms).toBe(3_000)
})

test('a span whose parent is not there is shown all the same', () => {
  expect(waterfall([span('a', 'gone', 0, 1)], 1)).toHaveLength(1)
})

test('no span, no row', () => {
  expect(waterfall([], 0)).toEqual([])
})
