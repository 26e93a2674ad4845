/** Where a conversation began: its keys are named for that run, whoever goes on with it. */
import { expect, test } from 'vitest'
import type { Entry, EntryKind } from '../run.ts'
import { goneOnFrom } from './gone-on-from.ts'

const entry = (kind: EntryKind, data: object = {}): Entry => ({ kind, attempt: 1, at: '2026-01-01T00:00:00Z', data })
const setup = { system: [], model: 'm', maxTokens: 1 }
const prompt = entry('prompt', { conversation: 0, content: [], setup })
const call = (id: string, name: string): Entry =>
  entry('assistant', {
    ...{ conversation: 0, content: [{ type: 'tool_use', id, name, input: {} }], stopReason: 'tool_use' },
    ...{ calls: [{ id, name, block: 0, broken: false }], requestId: null },
  })
const result = (callId: string, submitted: boolean): Entry =>
  entry('result', { conversation: 0, callId, ok: true, content: [], invalid: false, submitted })
const parked = entry('answer', {})
/** One that was parked in its work, and one that handed in a question. */
const working = [prompt, call('t1', 'look'), result('t1', false), parked]
const asking = [prompt, call('t2', 'submit'), result('t2', true), parked]

test('a run that goes on from none begins its own', () => {
  expect(goneOnFrom({ id: 'r1', earlier: [] }, 0)).toEqual({ earlier: [], begunIn: 'r1' })
})

test('a run that goes on asks under the keys of the run in which the conversation began', () => {
  const gone = goneOnFrom({ id: 'r3', earlier: [...working, ...working], chain: ['r1', 'r2'] }, 0)

  expect(gone).toEqual({ earlier: [...working, ...working], begunIn: 'r1' })
})

test('after a question was handed in the next run begins anew', () => {
  expect(goneOnFrom({ id: 'r2', earlier: asking, chain: ['r1'] }, 0)).toEqual({ earlier: [], begunIn: 'r2' })
})

test('what was done after the question is gone on with when that run is parked too', () => {
  const gone = goneOnFrom({ id: 'r3', earlier: [...asking, ...working], chain: ['r1', 'r2'] }, 0)

  expect(gone).toEqual({ earlier: working, begunIn: 'r2' })
})
