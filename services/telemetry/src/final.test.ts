/** What may be sent of a story under way: only what no later entry can change. */
import type { Span } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { finalSpans } from './final.ts'

const span = (id: string, parent: string | null, kind: Span['kind'], end: number | null): Span => ({
  ...{ id, parent, kind, end, name: id, service: 's', start: 0, costUsd: 0, tokens: 0, outcome: '', event: null },
})
const underWay = (more: Span[], { story = null as number | null, request = null as number | null } = {}) => ({
  ...{ storyId: 's1', traceId: 't' },
  spans: [
    ...[span('story', null, 'story', story), span('stage', 'story', 'stage', 5)],
    ...[span('request', 'stage', 'request', request), span('attempt', 'request', 'attempt', null), ...more],
  ],
})
const ids = (trace: ReturnType<typeof underWay>) => finalSpans(trace).map(({ id }) => id)

test('a call is sent when the entry after it is there, for that may still say that it was lost', () => {
  const call = span('call', 'attempt', 'model', 3)

  expect(ids(underWay([call]))).toEqual([])
  expect(ids(underWay([call, span('tool', 'attempt', 'tool', null)]))).toEqual(['call'])
  expect(ids(underWay([call], { request: 4 }))).toEqual(['request', 'call'])
})

test('story and stages are sent when the story has ended, for a stage may be gone back to', () => {
  expect(ids(underWay([span('said', 'stage', 'event', 1)]))).toEqual(['said'])
  expect(ids(underWay([], { story: 9, request: 4 }))).toEqual(['story', 'stage', 'request'])
})
