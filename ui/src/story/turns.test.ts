/** What is left of a run's notes for who looks at it. */
import type { RunView } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { partsOf, todoIn } from './turns.ts'

let second = 0
const note = (kind: string, text: string, more: object = {}): RunView['notes'][number] => {
  second += 1
  return { at: new Date(second * 1000).toISOString(), attempt: 1, kind, text, ...more }
}
const called = (tool: string, callId: string, text: string, ok = true) => [
  note('tool', text, { tool, callId }),
  note('tool ended', ok ? text : `${text} (exit 1)`, { tool, callId, ok }),
]

test('a call is one line with its end; what was only looked at is one line together', () => {
  const parts = partsOf([
    note('text', 'I look around first.'),
    ...called('read', 'c1', 'a.ts'),
    ...called('grep', 'c2', 'TODO'),
    ...called('shell', 'c3', 'npm test', false),
  ])

  expect(parts).toMatchObject([
    { kind: 'said', text: 'I look around first.' },
    { kind: 'looked', calls: [{ text: 'a.ts' }, { text: 'TODO' }] },
    { kind: 'did', call: { tool: 'shell', text: 'npm test (exit 1)', ok: false, seconds: 1 } },
  ])
})

test('the list is shown as it stands, its changes are not; a note keeps its log', () => {
  const log = { sha256: 'a'.repeat(64), name: 'background-1.log', mediaType: 'text/plain', bytes: 3 }
  const notes = [
    note('todo', '▸ a', { todo: [{ text: 'a', state: 'doing' }] }),
    note('todo', '☑ a', { todo: [{ text: 'a', state: 'done' }] }),
    note('background', 'Number 1 ended with 0.', { log }),
  ]

  expect(todoIn(notes)).toEqual([{ text: 'a', state: 'done' }])
  expect(partsOf(notes)).toMatchObject([{ kind: 'note', what: 'background', log }])
  expect(todoIn([])).toEqual([])
})

test('a call that still runs has no end, and one that was cut off has its own line', () => {
  const parts = partsOf([
    note('tool', 'npm ci', { tool: 'shell', callId: 'c1' }),
    note('stopped', 'Told to stop.'),
    note('tool ended', 'npm ci', { tool: 'shell', callId: 'c1', ok: false }),
    note('tool', 'npm test', { tool: 'shell', callId: 'c2' }),
  ])

  expect(parts).toMatchObject([
    { kind: 'did', call: { text: 'npm ci', ok: false } },
    { kind: 'note', what: 'stopped' },
    { kind: 'did', call: { text: 'npm test', ok: null, seconds: null } },
  ])
})
