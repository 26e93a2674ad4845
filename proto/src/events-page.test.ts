/** The printed page of events is current, and its picture of a story is the way that stories really go. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { corpus } from './corpus.ts'
import { eventsPage } from './events-page.ts'
import { arrows, gateOf } from './state-picture.ts'
import { stageOf } from './story/stage.ts'
import { evolve, type Story } from './story.ts'

test('docs/events.md is current: `npm run schema` prints it', () => {
  expect(readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8')).toBe(eventsPage())
})

test('every step a recorded story took is an arrow of the picture', () => {
  const events = corpus.find(({ name }) => name === '0.1-story.jsonl')?.events ?? []
  let story: Story | null = null
  const places = ['[*]']
  for (const event of events) {
    story = evolve(story, event)
    const place = story ? placeOf(story) : '[*]'
    if (place !== places.at(-1)) places.push(place)
  }

  const drawn = arrows().map(({ from, to }) => `${from} → ${to}`)
  const taken = places.slice(1).map((place, i) => `${places[i]} → ${place}`)
  expect(places.at(-1)).toBe('shipped')
  expect(taken.filter((step) => !drawn.includes(step))).toEqual([])
})

/** Approved it stands at its gate until the next stage is owed. */
function placeOf(story: Story): string {
  const stage = stageOf(story)
  return story.gate || story.approvals[stage] ? gateOf(story.gate?.gate ?? stage) : stage
}
