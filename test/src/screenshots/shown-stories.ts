/** The stories of the pictures: the demo's own, and some that ask, fail, run out of money or are not mended. */
import { giveUp } from '@sluice/demo/play/saying.ts'
import { readStories } from '@sluice/demo/stories.ts'
import { text, tool } from '@sluice/kit/testing/messages-script.ts'
import type { Instead, PlayedStory } from '../testing/tiny-stories.ts'

const [search, counts, markup] = readStories()
if (!search || !counts || !markup) throw new Error('The demo has fewer stories than the pictures show.')

const another = (of: PlayedStory, title: string, more: Partial<PlayedStory> = {}): PlayedStory => ({
  ...of,
  ...{ id: title, text: `${title}. ${of.text}`, requirements: { ...of.requirements, title }, ...more },
})

const asks: Instead = (role, { prompt, story }) =>
  role === 'analyst' && !prompt.includes('<answer question=')
    ? {
        content: [
          text('Two things are not said.'),
          tool('submit', {
            requirements: story.requirements,
            questions: [
              {
                id: 'Q1',
                text: 'Which marks shall a note know?',
                choices: ['Bold and italic', 'All of Markdown', 'Links alone'],
              },
              { id: 'Q2', text: 'What becomes of notes that hold such marks already?' },
            ],
          }),
        ],
      }
    : undefined

const fails: Instead = (role) =>
  role === 'architect' ? giveUp('found two boards where the story speaks of one, and cannot plan for both.') : undefined

const { fix: _, ...unmendable } = search

export const shown = {
  shipped: counts,
  unmended: another(unmendable, 'Search in archived notes'),
  reviewed: search,
  designed: another(markup, 'Marks in a note’s title'),
  scoped: another(counts, 'Counts on every board of a team'),
  asking: another(markup, 'Emphasis in notes', { instead: asks }),
  poor: another(counts, 'Counts that follow the filter'),
  failed: another(counts, 'Counts for two boards at once', { instead: fails }),
}
