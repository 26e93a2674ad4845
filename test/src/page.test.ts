/** The page as a person uses it, in a real browser on a real house: they see what happens, and what they click counts. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ended } from '@sluice/demo/play/asked.ts'
import { say } from '@sluice/demo/play/saying.ts'
import { tool } from '@sluice/kit/testing/messages-script.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openPersonsBrowser } from './testing/browser.ts'
import { type Line, openLine } from './testing/line.ts'
import { type Instead, ownFiles, storyAbout } from './testing/tiny-stories.ts'

/** Its words are put together by the shell: on the screen they stand only once it has said them. */
const waiting = `printf "at the %s\\n" door; until [ -e open ]; do sleep 0.05; done
printf "it is %s\\n" open; until [ -e left ]; do sleep 0.05; done; rm open left`
const waits: Instead = (role, asked) =>
  role === 'implementer' && ended(asked, 'shell').length === 0
    ? say('I wait at the door.', tool('shell', { command: waiting, timeoutSeconds: 600 }))
    : undefined

const stories = {
  clicked: storyAbout('clicks', ownFiles('clicks')),
  watched: storyAbout('watching', ownFiles('watching')),
  moving: storyAbout('movement', ownFiles('movement')),
  missed: storyAbout('absence', ownFiles('absence')),
  shown: storyAbout('doors', ownFiles('doors'), { instead: waits }),
  traced: storyAbout('traces', ownFiles('traces')),
}

let line: Line
let browser: Browser
let page: Page

beforeAll(async () => {
  line = await openLine({ stories: Object.values(stories) })
  browser = await openPersonsBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await line[Symbol.asyncDispose]()
}, 30_000)
beforeEach(async () => {
  page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(60_000)
  return () => page.context().close()
})

const stage = (name: string) => page.getByRole('region', { name, exact: true })
const connection = (is: string) => page.getByRole('status', { name: `Connection: ${is}` })
const openBoard = async () => {
  await page.goto(line.house.address)
  await connection('Live').waitFor()
}

test('without its token the page shows nothing of the house', async () => {
  const [reply] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/api/session')),
    page.goto(line.house.origin),
  ])

  expect(reply.status()).toBe(401)
  await page.getByText('This page does not know you').waitFor()
})

test('a story without a word is refused in a sentence; with one it stands on the board', async () => {
  await openBoard()
  const form = page.getByRole('form', { name: 'New story' })
  await form.getByRole('button', { name: 'Begin the story' }).click()
  await form.getByText('The story is empty.').waitFor()

  await form.getByLabel('What should change?').fill(stories.watched.text)
  await form.getByRole('button', { name: 'Begin the story' }).click()

  await page.getByRole('heading', { name: /watching/ }).waitFor()
}, 120_000)

test('the board moves as the stories move, and is never loaded again', async () => {
  await openBoard()
  const loads: string[] = []
  page.on('request', (request) => request.isNavigationRequest() && loads.push(request.url()))
  const id = await line.submit(stories.moving)

  await page.getByRole('heading', { name: /^Needs you · \d+$/ }).waitFor()
  await line.approve(id, await line.gate(id, 'scope'))

  await stage('design').getByRole('link', { name: 'Know movement' }).waitFor()
  await line.toGate(id, 'architecture')
  await stage('architecture').getByRole('link', { name: 'Know movement' }).waitFor()
  expect(loads).toEqual([])
}, 120_000)

test('a story is looked at, and approved at each of its gates, until it has shipped', async () => {
  const id = await line.submit(stories.clicked)
  await openBoard()
  await stage('scope')
    .getByRole('link', { name: /clicks/ })
    .click()

  for (const gate of ['scope', 'design', 'architecture', 'review']) {
    await page.getByRole('heading', { name: `Approve ${gate}?` }).waitFor()
    if (gate === 'design') await page.getByRole('tab', { name: /design/i }).click()
    if (gate === 'design') await page.getByRole('img').first().waitFor()
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await page.getByRole('heading', { name: `Approve ${gate}?` }).waitFor({ state: 'hidden' })
  }

  const { shipped } = await line.shipped(id)
  await page
    .getByText(shipped?.commit.slice(0, 10) ?? '')
    .first()
    .waitFor()
  expect(line.events(id).filter(({ type }) => type === 'gate.approved')).toHaveLength(4)
}, 180_000)

test('an agent’s terminal is seen as it is by who comes late, then live, and replayed once it has ended', async () => {
  const refused: string[] = []
  page.on('console', (message) => /Content Security Policy/.test(message.text()) && refused.push(message.text()))
  const id = await line.submit(stories.shown)
  await line.approve(id, await line.toGate(id, 'architecture'))
  const worktree = join(line.dataDir, 'worktrees', line.house.project.id, id)
  await openBoard()
  await page.goto(`${line.house.origin}/stories/${id}/runs`)
  const terminal = page.getByRole('region', { name: 'Terminal of implementer' })
  await terminal.getByText('at the door').waitFor()

  await page.reload()
  await terminal.getByText('at the door').waitFor()
  await writeFile(join(worktree, 'open'), '')
  await terminal.getByText('it is open').waitFor()
  await writeFile(join(worktree, 'left'), '')

  await line.gate(id, 'review')
  await page.getByRole('button', { name: 'Replay the terminal' }).click()
  const replay = page.getByRole('region', { name: 'Replay of the terminal' })
  await replay.getByRole('slider').press('End')
  await replay.getByText('it is open').waitFor()
  await replay.getByRole('slider').press('Home')
  await replay.getByText('it is open').waitFor({ state: 'hidden' })
  await replay.getByLabel('Command', { exact: true }).selectOption('1')
  await replay.getByText('it is open').waitFor()
  expect(refused).toEqual([])
}, 240_000)

test('the waterfall is walked by keys, grows while the story runs, and leads to an event and back', async () => {
  const id = await line.submit(stories.traced)
  const opened = await line.gate(id, 'scope')
  await openBoard()
  await page.goto(`${line.house.origin}/stories/${id}/trace`)
  const tree = page.getByRole('treegrid', { name: 'Trace' })
  const panel = page.getByRole('region', { name: 'The span' })

  await tree.getByRole('row', { name: /gate scope/ }).waitFor()
  await tree.focus()
  // The story, its stage, its request.
  for (const key of ['Home', 'ArrowDown', 'ArrowDown', 'Enter']) await tree.press(key)
  await panel.getByRole('heading', { name: 'analyst' }).waitFor()
  await panel.getByRole('link', { name: 'Look at it among the events' }).click()
  const event = page.getByRole('region', { name: 'The event' })
  await event.getByRole('link', { name: /\d+ scope\.completed/ }).click()
  await event.getByRole('heading', { name: 'scope.completed' }).waitFor()
  await event.getByRole('link', { name: 'Look at it in the trace' }).click()
  await panel.getByRole('heading', { name: 'scope.completed' }).waitFor()
  expect(await tree.getByRole('row', { name: /designer/ }).count()).toBe(0)

  await line.approve(id, opened)

  await tree
    .getByRole('row', { name: /designer/ })
    .first()
    .waitFor()
}, 120_000)

test('of a thousand spans only those in sight are drawn, and the last is a key away', async () => {
  const id = await line.submit(stories.traced, { title: 'Long' })
  await openBoard()
  const at = { parent: null, service: 's', kind: 'tool', costUsd: 0, tokens: 0, outcome: 'ok', event: null } as const
  const spans = Array.from({ length: 1_000 }, (_, i) => ({
    ...at,
    id: `s${i}`,
    name: `tool ${i}`,
    start: i,
    end: i + 1,
  }))
  await page.route('**/api/stories/*/trace', (route) => route.fulfill({ json: { storyId: id, traceId: 't', spans } }))
  await page.goto(`${line.house.origin}/stories/${id}/trace`)
  const tree = page.getByRole('treegrid', { name: 'Trace' })
  await tree.getByRole('row', { name: /tool 0/ }).waitFor()

  const drawn = await tree.getByRole('row').count()
  await tree.focus()
  await tree.press('End')

  await tree.getByRole('row', { name: /tool 999/ }).waitFor()
  expect([await tree.getAttribute('aria-rowcount'), drawn < 120]).toEqual(['1001', true])
}, 120_000)

test('the broker killed, the page says that it is not live, keeps what is typed, and catches up', async () => {
  const id = await line.submit(stories.missed)
  await line.gate(id, 'scope')
  await openBoard()
  await page.goto(`${line.house.origin}/stories/${id}`)
  await page.getByLabel('Comment').fill('Half a thought')
  await connection('Live').waitFor()

  process.kill(line.pid('broker'), 'SIGKILL')

  await page.getByRole('alert').getByText('Not live.').waitFor()
  await line.say(id, 'budget', { budgetUsd: 7.25 })
  await connection('Live').waitFor()
  await page
    .getByText(/\$7\.25/)
    .first()
    .waitFor()
  expect(await page.getByLabel('Comment').inputValue()).toBe('Half a thought')
}, 120_000)

test('memory tells what the history of the base was before any story; it is edited, forgotten and had back in place', async () => {
  await openBoard()
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Memory' }).click()
  const entry = page.getByRole('listitem').filter({ hasText: 'From history, not a story' }).last()
  await entry.getByRole('button', { name: 'Where it came from' }).click()
  await entry.getByRole('table', { name: 'Events and commits it came from' }).getByText('commit').first().waitFor()

  await entry.getByRole('button', { name: 'Edit' }).click()
  await entry.getByLabel('Title').fill('How it all began')
  await entry.getByRole('button', { name: 'Save' }).click()
  const edited = page.getByRole('listitem', { name: 'How it all began' })
  await edited.getByText('Edited').waitFor()
  await edited.getByRole('button', { name: 'Forget' }).click()
  await page.getByText('“How it all began” is forgotten').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await edited.waitFor()

  await page.getByLabel('Search earlier work').fill('how it all began')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByRole('region', { name: 'Found' }).getByText('How it all began').waitFor()
}, 180_000)
