/** Requests as the orchestrator would publish them, for tests of roles and of the loop around them. */
import type { Envelope } from '@sluice/proto/event.ts'
import { ScopeRequested } from '@sluice/proto/events.ts'
import { record } from '../record.ts'
import type { Lesson, Memory } from '../role.ts'

export const repository = { root: '/nowhere', base: 'main', commit: 'a'.repeat(40) }

export const askedFor = (text: string) => ({
  repository,
  title: text.slice(0, 60),
  text,
  budgetUsd: 5,
  deadline: '2030-01-01T00:00:00.000Z',
  answers: [],
  feedback: [],
})

export const scopeRequested = (storyId: string, text = 'People lose their drafts.', n = 0): Envelope =>
  record({
    type: ScopeRequested,
    source: 'orchestrator',
    projectId: 'p1',
    storyId,
    cause: `submitted-${storyId}`,
    n,
    data: askedFor(text),
    now: new Date('2026-01-01T00:00:00Z'),
  })

/** Something that shipped before, as memory tells it. */
export const lesson: Lesson = {
  origin: 'story',
  storyId: 'earlier',
  title: 'Keep drafts',
  summary: 'Asked: People lose their drafts. Done: They are kept in the browser.',
  files: ['src/drafts.js'],
  commit: 'c'.repeat(40),
  score: 1,
}

export const memoryOf = (...lessons: Lesson[]): Memory => ({
  search: async () => ({ lessons, files: lessons.flatMap(({ files }) => files) }),
})

/** What a person said to the last attempt at this gate. */
export const sentBack = (comment: string) => [{ comment, at: '2026-01-01T00:00:00.000Z', cause: 'gate-00000001' }]
