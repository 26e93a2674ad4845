/** Events outlive code: everything ever released is still read. The corpus may only grow. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { subjectOf } from './event.ts'
import { type Event, eventTypes, parseEvent } from './events.ts'
import { evolve, type Story } from './story.ts'

const dir = new URL('../corpus/', import.meta.url)
const released = readdirSync(dir).map((name) => ({
  name,
  events: readFileSync(new URL(name, dir), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event),
}))

test.for(released.flatMap(({ name, events }) => events.map((event) => [name, event.type, event] as const)))(
  '%s: %s is read as it was meant',
  ([, , event]) => {
    const parsed = parseEvent(subjectOf(event), JSON.parse(JSON.stringify(event)))

    expect(parsed).toEqual({ kind: 'event', event })
  },
)

test('every type of event that can be said today stands in the corpus', () => {
  const told = new Set(released.flatMap(({ events }) => events.map((event) => event.type)))

  expect(eventTypes.map(({ type }) => type).filter((type) => !told.has(type))).toEqual([])
})

test('a story released with version 0.1 folds to the end it had', () => {
  const events = released.find(({ name }) => name === '0.1-story.jsonl')?.events ?? []

  const story = events.reduce<Story | null>(evolve, null)

  expect(story).toMatchObject({ status: 'shipped', builds: 2, round: 2, approvals: { review: { by: 'person' } } })
  expect(story?.shipped?.commit).toMatch(/^[0-9a-f]{40}$/)
})

test('an event of a type this version does not know is told from a broken one', () => {
  const [first] = released[0]?.events ?? []
  const later = { ...first, type: 'story.forked' }

  expect(parseEvent(subjectOf(later as Event), later)).toEqual({ kind: 'unknown', type: 'story.forked' })
  expect(parseEvent('story.x.y.z.w', { half: true }).kind).toBe('unreadable')
  expect(parseEvent('story.other.story.submitted.web', first).kind).toBe('unreadable')
})
