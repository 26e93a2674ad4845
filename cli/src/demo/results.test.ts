/** What the demo says of a story at its end. */
import { expect, test } from 'vitest'
import { until, wholeStory } from '../testing/story.ts'
import { folded } from '../testing/web.ts'
import { resultOf, resultTable } from './results.ts'

const followed = (events: ReturnType<typeof wholeStory>) => ({
  story: folded(events),
  events: events.map((event, i) => ({ sequence: i + 1, event })),
})

test('a story that shipped: its commit, its rounds, its seconds, no dollars', () => {
  const story = folded(wholeStory())

  expect(resultOf(followed(wholeStory()))).toEqual({
    ...{ id: 's1', title: 't', status: 'shipped', commit: story.shipped?.commit, rounds: 2 },
    seconds: (Date.parse(story.updated) - Date.parse(story.submitted.at)) / 1000,
    usage: { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 },
  })
})

test('a story that stands at its gate waits; nobody works on it', () => {
  expect(resultOf(followed(until('gate.opened')))).toMatchObject({ status: 'waiting', commit: null })
})

test('the table has a line for each story with the seconds of every stage', () => {
  const [head, line] = resultTable([followed(wholeStory())], new Map([['s1', 3]]))

  expect(head).toMatch(/^STORY +STAGES +ROUNDS +SECONDS +TOKENS +COMMITS +RESULT$/)
  expect(line).toMatch(
    /^t +scope \d+ · design \d+ · architecture \d+ · implementation \d+ · review \d+ · release \d+ +2 /,
  )
  expect(line).toMatch(/ 3 +shipped [0-9a-f]{12}$/)
})
