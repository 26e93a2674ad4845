/** From requirements to a picture: really rendered, in every width and state, and nothing in it from outside. */
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from '@sluice/kit/browser.ts'
import type { Means } from '@sluice/kit/role.ts'
import { askedFor, lesson, memoryOf, sentBack } from '@sluice/kit/testing/fixtures.ts'
import { imageSize, pngOf } from '@sluice/kit/testing/messages-image.ts'
import { type ScriptedModel, tool, toolResults, usedTool } from '@sluice/kit/testing/messages-script.ts'
import { type ScriptedRole, scriptedRole } from '@sluice/kit/testing/scripted-role.ts'
import type { EventOf } from '@sluice/proto/event.ts'
import type { DesignRequested } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { bundleOf } from './bundle.ts'
import { designer, mockupIn, problemOf } from './designer.ts'

type Request = EventOf<typeof DesignRequested>

const page = `<!doctype html><html data-state="full"><head><style>
  .empty { display: none } html[data-state="empty"] .empty { display: block } html[data-state="empty"] .full { display: none }
  @media (prefers-color-scheme: dark) { body { background: #111; color: #eee } }
</style></head><body><ul class="full" data-region="list"><li>One draft</li></ul>
<p class="empty" data-region="nothing">No drafts yet. Begin to write, and they are kept here.</p></body></html>`
const designed = {
  summary: 'A list of drafts.',
  states: ['full', 'empty'],
  regions: [
    { id: 'list', criteria: ['C1'], what: 'The drafts' },
    { id: 'nothing', criteria: ['C2'], what: 'What stands there without any' },
  ],
}

const writesAndSubmits =
  (html = page, result: object = designed): ScriptedModel =>
  (request) =>
    usedTool(request, 'write')
      ? { content: [tool('submit', result)] }
      : { content: [tool('write', { path: 'mockup.html', content: html })] }

test('every state is drawn at every width, the usual one in the dark too, by a real browser', async () => {
  await using role = await scriptedRole(writesAndSubmits())

  const { data } = await completed(role, {}, role.means())

  expect(data.bundle.pictures.map(({ viewport, state }) => `${viewport} ${state}`)).toEqual([
    ...['desktop full', 'desktop-dark full', 'phone full'],
    ...['desktop empty', 'phone empty'],
  ])
  const pngs = await Promise.all(data.bundle.pictures.map(({ artifact }) => role.artifacts.get(artifact)))
  expect(pngs.map((png) => imageSize(png)?.width)).toEqual([1280, 1280, 390, 1280, 390])
  expect(new Set(data.bundle.pictures.map(({ artifact }) => artifact.sha256)).size).toBe(5)
})

test('what is approved is the page as it was written, its pictures and its regions', async () => {
  await using role = await scriptedRole(writesAndSubmits())

  const { data } = await completed(role)

  expect(String(await role.artifacts.get(data.bundle.html))).toBe(page)
  expect(data.bundle.regions).toEqual(designed.regions)
  const pictures = await Promise.all(
    data.bundle.pictures.map(async ({ artifact, viewport, width, height, state }) => ({
      ...{ state, png: await role.artifacts.get(artifact) },
      viewport: { name: viewport, width, height },
    })),
  )
  const again = await bundleOf({ html: page, pictures, regions: designed.regions, artifacts: role.artifacts })
  expect(data.bundle.digest).toBe(again.digest)
  expect(String(await role.artifacts.get(data.document))).toContain(data.bundle.digest)
})

test('a page that loads from outside goes back to the model, and the mended one is what is approved', async () => {
  const loading = page.replace('<head>', '<head><link rel="stylesheet" href="https://example.org/a.css">')
  await using role = await scriptedRole((request) => {
    if (!usedTool(request, 'write')) return { content: [tool('write', { path: 'mockup.html', content: loading })] }
    if (!usedTool(request, 'submit')) return { content: [tool('submit', designed)] }
    if (toolResults(request).at(-1)?.name === 'submit')
      return { content: [tool('write', { path: 'mockup.html', content: page })] }
    return { content: [tool('submit', designed)] }
  })

  const { data } = await completed(role)

  expect(said(role).join('\n')).toContain('The page loads something from outside')
  expect(String(await role.artifacts.get(data.bundle.html))).toBe(page)
})

test('the model reads the project, and over it what it wrote', async () => {
  await using role = await scriptedRole((request) => {
    if (!usedTool(request, 'write')) return { content: [tool('write', { path: 'mockup.html', content: page })] }
    return usedTool(request, 'read')
      ? { content: [tool('submit', designed)] }
      : {
          content: ['mockup.html', 'README.md']
            .map((path) => tool('read', { path }))
            .concat(tool('grep', { pattern: 'editor|One draft' })),
        }
  })

  await completed(role)

  const [, drawn, project, found] = said(role)
  expect(drawn).toContain('<li>One draft</li>')
  expect(project).toContain('An editor.')
  expect(found).toMatch(/^mockup.html:\d+:.*One draft.*\nREADME.md:1:An editor.$/)
})

test('the model sees what it drew', async () => {
  await using role = await scriptedRole((request) => {
    if (!usedTool(request, 'write')) return { content: [tool('write', { path: 'mockup.html', content: page })] }
    return usedTool(request, 'render')
      ? { content: [tool('submit', designed)] }
      : { content: [tool('render', { path: 'mockup.html', width: 390 })] }
  })

  await completed(role)

  const blocks = JSON.stringify(role.requests().at(-1)?.messages)
  expect(blocks).toContain('"media_type":"image/png"')
})

test('request, user stories and criteria are in the prompt, and what memory knows', async () => {
  await using role = await scriptedRole(writesAndSubmits())

  await completed(role, {}, { ...drawing(role), memory: memoryOf(lesson) })

  const { system, text } = role.prompt()
  expect(system).toMatch(/^You are the designer/)
  expect(text).toContain('<request>\nPeople lose their drafts.\n</request>')
  expect(text).toContain('As a writer I want my draft back.')
  expect(text).toContain('C2 If there is none, then the list shall say so.')
  expect(text).toContain(lesson.summary)
})

test('sent back, it goes on from the page that was sent back, and knows why', async () => {
  await using role = await scriptedRole((request) =>
    usedTool(request, 'edit')
      ? { content: [tool('submit', designed)] }
      : { content: [tool('edit', { path: 'mockup.html', old: 'One draft', new: 'Two drafts' })] },
  )
  const html = await role.artifacts.put(page, { name: 'mockup.html', mediaType: 'text/html' })
  const previous = { digest: '4'.repeat(64), html, pictures: [], regions: [] }

  const { data } = await completed(role, { previous, feedback: sentBack('Show two.') } as never)

  expect(role.prompt().text).toContain('Show two.')
  expect(role.prompt().text).toContain('<li>One draft</li>')
  expect(String(await role.artifacts.get(data.bundle.html))).toBe(page.replace('One draft', 'Two drafts'))
})

test('a link in its place is no mockup: what it leads to is handed to nobody', async () => {
  await using role = await scriptedRole(writesAndSubmits())
  const { dir } = role.means().run
  await writeFile(join(dir, 'secret'), 'a secret')
  await mkdir(join(dir, 'desk'))
  await symlink(join(dir, 'secret'), join(dir, 'desk', 'mockup.html'))

  expect(await mockupIn(join(dir, 'desk'))).toBe('')
})

test.for<[string, Partial<typeof designed>, string, string]>([
  ['no page', {}, ' ', 'There is no mockup.html'],
  ['a criterion nobody has', { regions: [{ id: 'list', criteria: ['C9'], what: 'x' }] }, page, 'C9 is no criterion'],
  [
    'a region that is not there',
    { regions: [{ id: 'foot', criteria: ['C1'], what: 'x' }] },
    page,
    'data-region="foot"',
  ],
  ['a state that changes nothing', { states: ['full', 'error'] }, page, 'the state error'],
])('%s is sent back', ([, change, html, problem]) => {
  expect(problemOf({ ...designed, ...change }, approvedFor, html)).toContain(problem)
})

test.for([
  '<img src="https://example.org/a.png">',
  '<img alt="x" src=//example.org/a.png>',
  '<IMG SRCSET="https://example.org/a.png 2x">',
  "<script src='http://example.org/a.js'></script>",
  '<link rel="icon" href="//example.org/a.ico">',
  '<video poster="https://example.org/a.png">',
  '<use xlink:href="https://example.org/a.svg#x">',
  '<style>@import "a.css";</style>',
  '<p style="background: url(https://example.org/a.png)">',
])('%s loads from outside', (html) => {
  expect(problemOf(designed, approvedFor, page + html)).toContain('loads something from outside')
})

test.for([
  '<a href="https://example.org">there</a>',
  '<p>See https://example.org</p>',
  '<img src="data:image/png;base64,">',
])('%s loads nothing', (html) => {
  expect(problemOf(designed, approvedFor, page + html)).toBeNull()
})

// ── the world of these tests ─────────────────────────────────────────────────

const artifact = { sha256: '1'.repeat(64), bytes: 1, mediaType: 'text/markdown', name: 'requirements.md' }
const approvedFor: Pick<Request['data'], 'approved'> = {
  approved: {
    requirements: {
      ...{ title: 'Keep drafts', userStories: ['As a writer I want my draft back.'], outOfScope: [] },
      ...{ assumptions: [], contradictions: [] },
      criteria: [
        { id: 'C1', text: 'The page shall list the drafts.' },
        { id: 'C2', text: 'If there is none, then the list shall say so.' },
      ],
    },
    requirementsDocument: artifact,
  },
}

async function request(role: ScriptedRole, change: Partial<Request['data']> = {}): Promise<Request> {
  const commit = await role.repo.commit({ 'README.md': 'An editor.\n' })
  const none = { setup: null, checks: [], preview: null, release: null, documents: false, egress: [] }
  return {
    ...{ specversion: '1.0', id: 'request-00000001', source: 'orchestrator', type: 'design.requested' },
    ...{ time: '2026-01-01T00:00:00Z', datacontenttype: 'application/json', projectId: 'p1', storyId: 'story-1' },
    causationId: null,
    data: {
      ...askedFor('People lose their drafts.'),
      ...{ repository: { root: role.repo.root, base: 'main', commit }, ...approvedFor },
      config: { source: 'nothing', digest: '5'.repeat(64), ...none },
      ...change,
    },
  }
}

/** A browser that draws nothing but sizes: what is drawn really is shown by the first test. */
const drawing = (role: ScriptedRole): Means => {
  const means = role.means()
  const render: Browser['render'] = async ({ viewports }) =>
    viewports.map((viewport) => ({
      viewport,
      png: pngOf(viewport.width, viewport.height),
      regions: [],
      consoleErrors: [],
    }))
  const close = async () => undefined
  const browser = async (): Promise<Browser> => ({ render, close, [Symbol.asyncDispose]: close })
  return { ...means, workshop: { ...means.workshop, browser } }
}

async function completed(role: ScriptedRole, change: Partial<Request['data']> = {}, means: Means = drawing(role)) {
  const answer = await designer.answer(await request(role, change), means)
  if (answer.kind !== 'completed') throw new Error(JSON.stringify(answer))
  return answer
}

/** What the tools answered, as the last request tells it. */
const said = (role: ScriptedRole): string[] => {
  const last = role.requests().at(-1)
  return last ? toolResults(last).map(({ result = '' }) => result) : []
}
