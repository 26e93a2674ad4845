/** From a sentence to criteria: what the model is shown, what is sent back to it, what reaches the person. */
import type { Means } from '@sluice/kit/role.ts'
import { askedFor, lesson, memoryOf, sentBack } from '@sluice/kit/testing/fixtures.ts'
import { type ScriptedModel, tool, toolResults, usedTool } from '@sluice/kit/testing/messages-script.ts'
import { type ScriptedRole, scriptedRole } from '@sluice/kit/testing/scripted-role.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import type { ScopeRequested } from '@sluice/proto/events.ts'
import type { Requirements } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import { analyst, problemOf } from './analyst.ts'

type Request = EventOf<typeof ScopeRequested>

const requirements: Requirements = {
  title: 'Keep drafts',
  userStories: ['As a writer I want my draft back, so that nothing is lost.'],
  criteria: [
    { id: 'C1', text: 'When the page closes, the editor shall keep the draft.' },
    { id: 'C2', text: 'If there is no room, then the editor shall say so.' },
  ],
  outOfScope: ['Drafts on another machine'],
  assumptions: ['One draft a page'],
  contradictions: [{ criteria: ['C1', 'C2'], problem: 'Room is not bounded.' }],
}
const question = { id: 'q1', text: 'For how long?', choices: ['30 days', 'for ever'] }
const submits =
  (scoped: object): ScriptedModel =>
  () => ({ content: [tool('submit', scoped)] })

test('leaves numbered criteria, and a document a person can read', async () => {
  await using role = await scriptedRole(submits({ requirements, questions: [] }))

  const { data } = await completed(role)

  expect(data.requirements).toEqual(requirements)
  const document = String(await role.artifacts.get(data.document))
  expect(document).toContain('# Keep drafts')
  expect(document).toContain('- **C2** If there is no room, then the editor shall say so.')
  expect(document).toContain('- C1, C2: Room is not bounded.')
})

test('the model is told who it is and what was asked', async () => {
  await using role = await scriptedRole(submits({ requirements, questions: [] }))

  await completed(role)

  expect(role.prompt().system).toMatch(/^You are the analyst/)
  expect(role.prompt().text).toContain('<request>\nPeople lose their drafts.\n</request>')
})

test('a question parks the run with its choices, whatever else was handed in', async () => {
  await using role = await scriptedRole(submits({ requirements, questions: [question] }))

  const answer = await ask(role)

  expect(answer).toEqual({ kind: 'paused', waiting: { kind: 'questions', questions: [question] } })
})

test('what the person answered, and what they said when they sent it back, is in the prompt', async () => {
  await using role = await scriptedRole(submits({ requirements, questions: [] }))

  await completed(role, {
    answers: [{ id: 'q1', text: 'For how long?', answer: '30 days' }],
    feedback: sentBack('Say what happens offline.'),
  })

  expect(role.prompt().text).toContain('<answer question="For how long?">\n30 days\n</answer>')
  expect(role.prompt().text).toContain('Say what happens offline.')
})

test('sent back, the model sees the requirements that the comment is about', async () => {
  await using role = await scriptedRole(submits({ requirements, questions: [] }))
  const previous = await role.artifacts.put('- **C1** Drafts shall be kept.\n', {
    ...{ name: 'requirements.md', mediaType: 'text/markdown' },
  })

  await completed(role, { previous, feedback: sentBack('C1: for 30 days.') })

  expect(role.prompt().text).toContain('<requirements-so-far>\n- **C1** Drafts shall be kept.')
})

test('what memory knows is in the prompt, and the run says so', async () => {
  await using role = await scriptedRole(submits({ requirements, questions: [] }))
  const means = role.means({ memory: memoryOf(lesson) })

  await analyst.answer(await request(role), means)

  expect(role.prompt().text).toContain(lesson.summary)
  expect(role.prompt().text).toContain('src/drafts.js')
  const notes = means.run.entries().map((entry) => entry.data)
  expect(notes).toContainEqual({ type: 'memory', storyId: 'earlier', text: 'Remembered: Keep drafts' })
})

test('it reads the project as it was committed, not what lies about in the person’s checkout', async () => {
  await using role = await scriptedRole((request) =>
    usedTool(request, 'read')
      ? { content: [tool('submit', { requirements, questions: [] })] }
      : { content: [tool('read', { path: 'README.md' })] },
  )
  const asked = await request(role)
  await role.repo.write({ 'README.md': 'half a thought\n' })

  await analyst.answer(asked, role.means())

  expect(resultsIn(role)[0]).toContain('The committed word.')
})

test('criteria that cannot be checked go back to the model, with the reason', async () => {
  const vague = { ...requirements, criteria: [{ id: 'C1', text: 'Drafts are nice.' }], contradictions: [] }
  await using role = await scriptedRole((request) =>
    usedTool(request, 'submit')
      ? { content: [tool('submit', { requirements, questions: [] })] }
      : { content: [tool('submit', { requirements: vague, questions: [] })] },
  )

  const { data } = await completed(role)

  expect(data.requirements.criteria).toHaveLength(2)
  expect(resultsIn(role)[0]).toContain('C1 is not in EARS form')
})

test.for<[string, Partial<Requirements>, string | null]>([
  ['as they should be', {}, null],
  ['with a gap', { criteria: [{ id: 'C2', text: 'It shall be.' }] }, 'C2 is out of place'],
  ['without shall', { criteria: [{ id: 'C1', text: 'It is.' }] }, 'C1 is not in EARS form'],
  ['that contradict nobody', { contradictions: [{ criteria: ['C9'], problem: 'x' }] }, 'names C9'],
])('criteria %s', ([, change, problem]) => {
  const said = problemOf({ requirements: { ...requirements, ...change }, questions: [] })

  if (problem === null) expect(said).toBeNull()
  else expect(said).toContain(problem)
})

// ── the world of these tests ─────────────────────────────────────────────────

async function request(role: ScriptedRole, change: Partial<Request['data']> = {}): Promise<Request> {
  const commit = await role.repo.commit({ 'README.md': 'The committed word.\n' })
  return {
    ...{ specversion: '1.0', id: 'request-00000001', source: 'orchestrator', type: 'scope.requested' },
    ...{ time: '2026-01-01T00:00:00Z', datacontenttype: 'application/json', projectId: 'p1', storyId: 'story-1' },
    causationId: null,
    data: {
      ...askedFor('People lose their drafts.'),
      repository: { root: role.repo.root, base: 'main', commit },
      ...change,
    },
  }
}

const ask = async (role: ScriptedRole, change: Partial<Request['data']> = {}, means: Partial<Means> = {}) =>
  analyst.answer(await request(role, change), role.means(means))

async function completed(role: ScriptedRole, change: Partial<Request['data']> = {}) {
  const answer = await ask(role, change)
  if (answer.kind !== 'completed') throw new Error(JSON.stringify(answer))
  return answer
}

/** What the tools answered, as the last request tells it. */
const resultsIn = (role: ScriptedRole): string[] => {
  const last = role.requests().at(-1)
  return last ? toolResults(last).map(({ result = '' }) => result) : []
}
