/** One story held by the page: what catching up, repeats and unreadable events do to it. */
import { expect, test } from 'vitest'
import { recorded } from '../testing/corpus.ts'
import { append, emptyLog, eventsOf } from './story-log.ts'

test('a released story folds to its end', () => {
  const log = append(emptyLog, recorded)

  expect(log.story).toMatchObject({ status: 'shipped', round: 2 })
  expect(log.sequence).toBe(recorded.length)
})

test('catching up may overlap: what is known already is not told twice', () => {
  const half = append(emptyLog, recorded.slice(0, 20))

  const whole = append(half, recorded.slice(10))

  expect(whole.entries.map(({ sequence }) => sequence)).toEqual(recorded.map(({ sequence }) => sequence))
  expect(whole.story).toEqual(append(emptyLog, recorded).story)
})

test('nothing new leaves the log as it is, so that nothing is drawn anew', () => {
  const log = append(emptyLog, recorded)

  expect(append(log, recorded.slice(3, 9))).toBe(log)
})

test('an event nobody can read stands in the log and changes no story', () => {
  const before = append(emptyLog, recorded.slice(0, 3))

  const after = append(before, [{ sequence: 99, subject: 'story.s1.scope.completed.analyst', body: { half: true } }])

  expect(after.entries.at(-1)?.parsed.kind).toBe('unreadable')
  expect(after.story).toBe(before.story)
  expect(eventsOf(after)).toHaveLength(3)
})
