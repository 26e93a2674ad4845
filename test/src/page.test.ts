/** The page as a person uses it, in a real browser on a real house: they see what happens, and what they click counts. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openPersonsBrowser } from './testing/browser.ts'
import { type Line, openLine } from './testing/line.ts'
import { ownFiles, storyAbout } from './testing/tiny-stories.ts'

const stories = {
  clicked: storyAbout('clicks', ownFiles('clicks')),
  watched: storyAbout('watching', ownFiles('watching')),
  moving: storyAbout('movement', ownFiles('movement')),
  missed: storyAbout('absence', ownFiles('absence')),
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
  await page
    .getByRole('region', { name: 'Needs you' })
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
