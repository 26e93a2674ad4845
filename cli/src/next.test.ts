/** When a story needs a person, and what the person may type. */
import type { Event } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { needsOf, nextFor } from './next.ts'
import { next, until } from './testing/story.ts'
import { folded } from './testing/web.ts'

const digest = 'c'.repeat(64)
const auto = (events: Event[]): Event[] =>
  events.map((event) => (event.type === 'story.submitted' ? { ...event, data: { ...event.data, auto: true } } : event))
const atReview = (events: Event[]) =>
  folded([...events, next(events, { type: 'gate.opened', source: 'orchestrator', data: { gate: 'review', digest } })])

test('a gate needs the person, but not of a story whose gates are approved for them', () => {
  const events = until('gate.opened')

  expect([folded(events), folded(auto(events))].map((story) => needsOf(story).length)).toEqual([1, 0])
})

test('findings in the way need the person also where gates are approved for them', () => {
  const blocked = atReview(auto(until('review.completed', 4)))

  expect(needsOf(blocked)).toMatchObject([{ kind: 'gate' }])
  expect(nextFor(blocked)[0]).toBe('sluice story approve s1 --dismiss "why they do not stand"')
})

test('what failed is tried again or cancelled', () => {
  const events = until('scope.requested')
  const asked = events.at(-1)
  if (asked?.type !== 'scope.requested') throw new Error('Nobody was asked.')
  const data = { request: asked.id, deadline: asked.data.deadline }
  const late = folded([...events, next(events, { type: 'timer.due', source: 'orchestrator', data })])

  expect(needsOf(late)).toMatchObject([{ kind: 'failed' }])
  expect(nextFor(late)).toEqual(['sluice story retry s1', 'sluice story cancel s1'])
})

test('a story that somebody works on asks nothing', () => {
  expect(nextFor(folded(until('scope.requested')))).toEqual([])
})
