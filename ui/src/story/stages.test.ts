/** How far a story is. */
import { expect, test } from 'vitest'
import { append, emptyLog } from '../live/story-log.ts'
import { recorded } from '../testing/corpus.ts'
import { stagesOf } from './stages.ts'

const after = (events: number) => {
  const { story } = append(emptyLog, recorded.slice(0, events))
  if (!story) throw new Error('no story')
  return stagesOf(story).map(({ stage, state }) => `${stage} ${state}`)
}

test('the stage at work is told from the one that waits for a person', () => {
  expect(after(2).slice(0, 2)).toEqual(['scope here', 'design ahead'])
  expect(after(4).slice(0, 2)).toEqual(['scope waits', 'design ahead'])
})

test('a stage that is approved is done', () => {
  expect(after(9).slice(0, 3)).toEqual(['scope done', 'design waits', 'architecture ahead'])
})

test('of a shipped story every stage is done', () => {
  expect(after(recorded.length).every((stage) => stage.endsWith(' done'))).toBe(true)
})
