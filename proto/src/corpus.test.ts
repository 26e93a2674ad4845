/** Events outlive code: everything ever released is still read. The corpus may only grow. */
import { expect, test } from 'vitest'
import { corpus } from './corpus.ts'
import { subjectOf } from './event.ts'
import { type Event, eventTypes, parseEvent } from './events.ts'
import { evolve, type Story } from './story.ts'

test.for(corpus.flatMap(({ name, events }) => events.map((event) => [name, event.type, event] as const)))(
  '%s: %s is read as it was meant',
  ([, , event]) => {
    const parsed = parseEvent(subjectOf(event), JSON.parse(JSON.stringify(event)))

    expect(parsed).toEqual({ kind: 'event', event })
  },
)

test('every type of event that can be said today stands in the corpus', () => {
  const told = new Set(corpus.flatMap(({ events }) => events.map((event) => event.type)))

  expect(eventTypes.map(({ type }) => type).filter((type) => !told.has(type))).toEqual([])
})

test('a story released with version 0.1 folds to the end it had', () => {
  const events = corpus.find(({ name }) => name === '0.1-story.jsonl')?.events ?? []

  const story = events.reduce<Story | null>(evolve, null)

  expect(story).toMatchObject({ status: 'shipped', builds: 2, round: 2, approvals: { review: { by: 'person' } } })
  expect(story?.shipped?.commit).toMatch(/^[0-9a-f]{40}$/)
})

test('an event of a type this version does not know is told from a broken one', () => {
  const [first] = corpus[0]?.events ?? []
  const later = { ...first, type: 'story.forked' }

  expect(parseEvent(subjectOf(later as Event), later)).toEqual({ kind: 'unknown', type: 'story.forked' })
  expect(parseEvent('story.x.y.z.w', { half: true }).kind).toBe('unreadable')
  expect(parseEvent('story.other.story.submitted.web', first).kind).toBe('unreadable')
})
