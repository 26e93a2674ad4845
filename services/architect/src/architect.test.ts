/** From an approved design to a plan: what the architect sees, and what a plan must be before it counts. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sha256 } from '@sluice/kit/artifacts.ts'
import { askedFor, lesson, memoryOf, sentBack } from '@sluice/kit/testing/fixtures.ts'
import { pngOf } from '@sluice/kit/testing/messages-image.ts'
import { images, type ScriptedModel, tool, toolResults, usedTool } from '@sluice/kit/testing/messages-script.ts'
import { type ScriptedRole, scriptedRole } from '@sluice/kit/testing/scripted-role.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import type { ArchitectureRequested } from '@sluice/proto/events.ts'
import type { Task } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import { architect, problemOf } from './architect.ts'

type Request = EventOf<typeof ArchitectureRequested>

const architecture = `# Keep drafts\n\n${'The editor writes what is typed to localStorage. '.repeat(6)}`
const task = (id: string, criteria: string[], dependsOn: string[] = []): Task => ({
  ...{ id, criteria, dependsOn },
  ...{ title: `Do ${id}`, detail: `In src/drafts.js,\nfor ${id}.` },
})
const tasks = [task('T1', ['C1']), task('T2', ['C2'], ['T1'])]
const submits =
  (planned: object): ScriptedModel =>
  () => ({ content: [tool('submit', planned)] })

test('leaves the plan, and a list of tasks that name what they serve and what they come after', async () => {
  await using role = await scriptedRole(submits({ architecture, tasks }))

  const { data } = await completed(role)

  expect(data.tasks).toEqual(tasks)
  expect(String(await role.artifacts.get(data.document))).toBe(architecture)
  expect(String(await role.artifacts.get(data.tasksDocument))).toBe(
    '# Tasks\n\n- [ ] **T1** Do T1 (C1)\n  In src/drafts.js,\n  for T1.\n- [ ] **T2** Do T2 (C2) · after T1\n  In src/drafts.js,\n  for T2.\n',
  )
})

test('it is sent the very pictures that were approved', async () => {
  await using role = await scriptedRole(submits({ architecture, tasks }))
  const asked = await request(role)

  await architect.answer(asked, role.means())

  const [first] = role.requests()
  const sent = first ? images(first) : []
  const digests = sent.map(({ source }) => source.type === 'base64' && sha256(Buffer.from(source.data, 'base64')))
  expect(digests).toEqual(asked.data.approved.design.pictures.map(({ artifact }) => artifact.sha256))
  expect(digests).toHaveLength(2)
})

test('a picture that is no longer what was approved is not shown to anybody', async () => {
  await using role = await scriptedRole(submits({ architecture, tasks }))
  const asked = await request(role)
  const hash = asked.data.approved.design.pictures[0]?.artifact.sha256 ?? ''
  await writeFile(join(role.dataDir, 'artifacts', hash.slice(0, 2), hash), pngOf(1, 1))

  const planning = architect.answer(asked, role.means())

  await expect(planning).rejects.toThrow('does not hold what its name says')
  expect(role.requests()).toEqual([])
})

test('request, criteria, what is out of scope and the regions of the design are in the prompt', async () => {
  await using role = await scriptedRole(submits({ architecture, tasks }))

  await completed(role)

  const { system, text } = role.prompt()
  expect(system).toMatch(/^You are the architect/)
  expect(text).toContain('<request>\nPeople lose their drafts.\n</request>')
  expect(text).toContain('C2 If there is no room, then the editor shall say so.')
  expect(text).toContain('<out-of-scope>\nOther machines\n</out-of-scope>')
  expect(text).toContain('notice (C2): Says that there is no room')
})

test('sent back, it sees its plan so far and what was said about it', async () => {
  await using role = await scriptedRole(submits({ architecture, tasks }))
  const document = await role.artifacts.put('The plan as it was.', {
    name: 'architecture.md',
    mediaType: 'text/markdown',
  })

  await completed(role, { previous: { document, tasks: [task('T7', ['C1'])] }, feedback: sentBack('Smaller steps.') })

  expect(role.prompt().text).toContain('The plan as it was.')
  expect(role.prompt().text).toContain('**T7** Do T7 (C1)')
  expect(role.prompt().text).toContain('Smaller steps.')
})

test('what memory knows is in the prompt', async () => {
  await using role = await scriptedRole(submits({ architecture, tasks }))

  await architect.answer(await request(role), role.means({ memory: memoryOf(lesson) }))

  expect(role.prompt().text).toContain(lesson.summary)
})

test('a plan that leaves a criterion to nobody goes back to the model', async () => {
  await using role = await scriptedRole((request) =>
    usedTool(request, 'submit')
      ? { content: [tool('submit', { architecture, tasks })] }
      : { content: [tool('submit', { architecture, tasks: tasks.slice(0, 1) })] },
  )

  const { data } = await completed(role)

  expect(data.tasks).toHaveLength(2)
  const last = role.requests().at(-1)
  expect(last && toolResults(last)[0]?.result).toContain('No task serves C2.')
})

test.for<[string, Task[], string | null]>([
  ['that serve all, in order', tasks, null],
  ['of one name', [task('T1', ['C1']), task('T1', ['C2'])], 'Two tasks are called T1.'],
  ['that wait for what comes later', [task('T1', ['C1', 'C2'], ['T2']), task('T2', ['C1'])], 'T1 depends on T2'],
  ['that wait for themselves', [task('T1', ['C1', 'C2'], ['T1'])], 'T1 depends on T1'],
  ['that serve what nobody asked', [task('T1', ['C1', 'C2', 'C3'])], 'serves C3'],
  ['that serve not all', [task('T1', ['C1'])], 'No task serves C2.'],
])('tasks %s', ([, planned, problem]) => {
  const said = problemOf({ architecture, tasks: planned }, ['C1', 'C2'])

  if (problem === null) expect(said).toBeNull()
  else expect(said).toContain(problem)
})

// ── the world of these tests ─────────────────────────────────────────────────

async function request(role: ScriptedRole, change: Partial<Request['data']> = {}): Promise<Request> {
  const commit = await role.repo.commit({ 'README.md': 'An editor.\n' })
  const put = (bytes: Buffer | string, name: string, mediaType: string) =>
    role.artifacts.put(bytes, { name, mediaType })
  const pictures = await Promise.all(
    [1280, 390].map(async (width) => ({
      artifact: await put(pngOf(width, 800), `${width}.png`, 'image/png'),
      ...{ viewport: String(width), width, height: 800, state: 'full' },
    })),
  )
  const approved: Request['data']['approved'] = {
    requirements: {
      ...{
        title: 'Keep drafts',
        userStories: ['u'],
        assumptions: [],
        contradictions: [],
        outOfScope: ['Other machines'],
      },
      criteria: [
        { id: 'C1', text: 'When the page closes, the editor shall keep the draft.' },
        { id: 'C2', text: 'If there is no room, then the editor shall say so.' },
      ],
    },
    requirementsDocument: await put('# Requirements\n', 'requirements.md', 'text/markdown'),
    design: {
      digest: '4'.repeat(64),
      html: await put('<p>mockup</p>', 'mockup.html', 'text/html'),
      pictures,
      regions: [{ id: 'notice', criteria: ['C2'], what: 'Says that there is no room' }],
    },
  }
  return {
    ...{ specversion: '1.0', id: 'request-00000001', source: 'orchestrator', type: 'architecture.requested' },
    ...{ time: '2026-01-01T00:00:00Z', datacontenttype: 'application/json', projectId: 'p1', storyId: 'story-1' },
    causationId: null,
    data: {
      ...askedFor('People lose their drafts.'),
      ...{ repository: { root: role.repo.root, base: 'main', commit }, approved },
      ...change,
    },
  }
}

async function completed(role: ScriptedRole, change: Partial<Request['data']> = {}) {
  const answer = await architect.answer(await request(role, change), role.means())
  if (answer.kind !== 'completed') throw new Error(JSON.stringify(answer))
  return answer
}
