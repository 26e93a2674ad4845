/** What a later prompt is told of a story. */
import type { Event } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { entryOf } from './entry.ts'
import { logOf } from './testing/shipped.ts'

const telling = {
  storyId: 's7',
  title: 'Keep drafts',
  text: 'People lose their drafts.',
  criterion: 'When the page closes, the editor shall keep the draft.',
  task: 'Write to localStorage',
  done: 'Drafts are kept in the browser.',
  files: ['src/drafts.ts', 'test/drafts.test.ts'],
  found: 'The draft is not escaped.',
  mended: 'It is written with textContent.',
}

test('the summary says what was asked, what was done, what was found and how it was mended', () => {
  const entry = entryOf(logOf(telling))

  expect(entry?.summary).toBe(
    [
      'Asked: People lose their drafts.',
      'Planned: Write to localStorage',
      'Done: Drafts are kept in the browser.',
      'Reviewers found:\n- security (high): The draft is not escaped. Mended: It is written with textContent.',
    ].join('\n'),
  )
})

test('what the first round did is told, though a later one speaks of findings only', () => {
  const rounds = ['Drafts are kept in the browser.', 'The draft is escaped now.']
  const log = logOf(telling).map((event) =>
    event.type === 'build.completed' ? { ...event, data: { ...event.data, summary: rounds.shift() ?? '' } } : event,
  )

  expect(entryOf(log)?.summary).toContain('Done: Drafts are kept in the browser.\nThe draft is escaped now.\n')
})

test('it is known by which event of which story it was learnt, and what is on the base', () => {
  const log = logOf(telling)

  const entry = entryOf(log)
  expect(entry).toMatchObject({
    ...{ id: 's7', origin: 'story', projectId: 'p1', title: 'Keep drafts', files: telling.files },
    ...{ at: log.at(-1)?.time, commit: `${'0'.repeat(36)}5024` },
  })
  expect(entry?.from.at(0)?.id).toBe(log[0]?.id)
  expect(entry?.from.at(-1)).toMatchObject({ kind: 'event', id: log.at(-1)?.id, what: 'story.shipped' })
})

test('criteria and plan can be searched', () => {
  const body = entryOf(logOf(telling))?.body

  expect(body).toContain('the editor shall keep the draft')
  expect(body).toContain('Write to localStorage')
})

test('what a person dismissed is told with the reason, and by whom', () => {
  const log = logOf({ ...telling, mended: 'Gone.' })
  const finding = log.flatMap((event) => (event.type === 'review.completed' ? event.data.findings : []))[0]
  const dismissal = {
    ...log[0],
    ...{ id: 'dismissal-0001', type: 'finding.dismissed', source: 'web' },
    data: { findingId: finding?.id, reason: 'Only staff see it.', by: 'person' },
  } as Event

  const entry = entryOf(log.toSpliced(-1, 0, dismissal))

  expect(entry?.summary).toContain('The draft is not escaped. Dismissed by person: Only staff see it.')
})

test('a story that has not shipped is not remembered, nor one that somebody only says has', () => {
  const log = logOf(telling)
  const forged = { ...log.at(-1), source: 'implementer' } as Event

  expect(entryOf(log.slice(0, -1))).toBeNull()
  expect(entryOf([...log.slice(0, -1), forged])).toBeNull()
})

test('a long story stays short in a prompt', () => {
  const long = 'word '.repeat(10_000)

  const entry = entryOf(logOf({ ...telling, text: long, done: long, found: long, task: long }))

  expect(entry?.summary.length).toBeLessThan(2_600)
})
