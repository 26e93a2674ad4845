/** A conversation is gone on with by the engine and the model that held it, and by no other. */
import { expect, test } from 'vitest'
import type { Chosen } from './choice.ts'
import { leftBehind, ownWords } from './own-words.ts'
import type { Entry, EntryKind } from './run.ts'
import { memoryRun } from './testing/memory-run.ts'

const opus: Chosen = { engine: 'anthropic', model: 'claude-opus-5-5' }
const sonnet: Chosen = { engine: 'anthropic', model: 'claude-sonnet-5-5' }
const entry = (attempt: number, kind: EntryKind, data: object = {}): Entry => ({ kind, attempt, at: '', data })
const attempt = (n: number, choice?: Chosen): Entry[] => [
  entry(n, 'started', { pid: 1, replica: '1', version: '0', program: 'analyst', ...(choice && { choice }) }),
  entry(n, 'prompt'),
  entry(n, 'assistant'),
  entry(n, 'usage'),
]
const kinds = (entries: readonly Entry[]) => entries.map(({ kind }) => kind)

test('a parked run that goes on with another model keeps what was spent and none of the words', () => {
  const run = ownWords(memoryRun({ earlier: attempt(1, opus) }), { program: 'analyst', choice: sonnet })

  expect(kinds(run.earlier)).toEqual(['started', 'usage'])
})

test('one that goes on with the same model goes on with its words, at another effort too', () => {
  const choice: Chosen = { ...opus, effort: 'high' }

  const run = ownWords(memoryRun({ earlier: attempt(1, opus) }), { program: 'analyst', choice })

  expect(kinds(run.earlier)).toEqual(['started', 'prompt', 'assistant', 'usage'])
})

test('journals from before choices were named are gone on with', () => {
  const run = ownWords(memoryRun({ entries: attempt(1) }), { program: 'analyst', choice: sonnet })

  expect(kinds(run.entries())).toContain('assistant')
  expect(leftBehind(run, { program: 'analyst', choice: sonnet })).toBeNull()
})

test('that a conversation was left is told once, and not where there was none', () => {
  const begun = memoryRun({ earlier: attempt(1, opus) })
  const gone = memoryRun({ earlier: attempt(1, opus), entries: attempt(2, sonnet) })
  const silent = memoryRun({ earlier: attempt(1, opus).slice(0, 1) })

  const told = [begun, gone, silent].map((run) => leftBehind(run, { program: 'analyst', choice: sonnet }))

  expect(told).toEqual([opus, null, null])
})
