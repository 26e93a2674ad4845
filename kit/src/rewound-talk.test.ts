import { expect, test } from 'vitest'
import { talkAfter } from './rewound-talk.ts'
import type { Entry, EntryKind } from './run.ts'

const entry = (kind: EntryKind, data: object = {}): Entry => ({ kind, attempt: 1, at: '2026-01-01T00:00:00Z', data })
const says = (text: string, calls: string[]) => entry('assistant', { text, calls: calls.map((id) => ({ id })) })
const result = (callId: string) => entry('result', { callId })
const checkpoint = (n: number) => entry('note', { type: 'checkpoint', n })

const first = [entry('started'), entry('prompt'), says('one', ['a']), result('a'), checkpoint(1)]
const second = [entry('process', { pid: 7 }), says('two', ['b', 'c']), result('b'), result('c'), checkpoint(2)]
const begun = [says('three', ['d', 'e']), entry('note', { type: 'tool' }), result('d')]
const earlier = [
  { runId: 'r1', entries: first },
  { runId: 'r2', entries: [...second, ...begun] },
]
const kept = (n: number, talk: 'kept' | 'cut') => talkAfter(earlier, { n, talk }).map(({ entries }) => entries)

test('kept, all of it stays but the message whose tools had not all ended', () => {
  expect(kept(1, 'kept')).toEqual([first, second])
})

test('cut, it ends with the turn of the checkpoint; what was started is still to be ended', () => {
  expect(kept(1, 'cut')).toEqual([first, [entry('process', { pid: 7 })]])
  expect(kept(2, 'cut')).toEqual([first, second])
})

test('cut at a checkpoint of a talk before, it begins anew', () => {
  expect(kept(9, 'cut')).toEqual([[entry('started')], [entry('process', { pid: 7 })]])
})

test('a message whose tools all ended stays', () => {
  const whole = [{ runId: 'r1', entries: [...first, ...second] }]

  expect(talkAfter(whole, { n: 1, talk: 'kept' })).toEqual(whole)
})
