/** Checkpoints, forks and the comparison as a person uses them on the page, in a real browser on a real house. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPersonsBrowser } from './testing/browser.ts'
import { type Line, openLine } from './testing/line.ts'
import { ownFiles, storyAbout } from './testing/tiny-stories.ts'

const story = {
  ...storyAbout('coats', []),
  solution: [
    { name: '1-begin', edits: ownFiles('coats-begin') },
    { name: '2-end', edits: ownFiles('coats-end') },
  ],
}

let line: Line
let browser: Browser
let page: Page
let id: string
beforeAll(async () => {
  line = await openLine({ stories: [story], implementers: 2 })
  id = await line.submit(story)
  await line.toGate(id, 'review')
  browser = await openPersonsBrowser()
  page = await (await browser.newContext({ viewport: { width: 1280, height: 1000 } })).newPage()
  page.setDefaultTimeout(60_000)
  await page.goto(line.house.address)
  await page.getByRole('status', { name: 'Connection: Live' }).waitFor()
}, 180_000)
afterAll(async () => {
  await browser.close()
  await line[Symbol.asyncDispose]()
}, 30_000)

/** Without a new page: the session is the one that the address opened. */
const open = (path: string) => page.goto(line.house.origin + path)
const button = (name: string | RegExp) => page.getByRole('button', { name })

test('each turn is there with its patch, and going back says what goes away before it is done', async () => {
  await open(`/stories/${id}/changes`)
  await page.getByText('one for each turn that changed files').click()
  const list = page.getByRole('list', { name: 'Checkpoints' })
  expect(await list.getByRole('listitem').count()).toBe(2)
  await list.getByRole('listitem').first().getByRole('button', { name: 'Patch' }).click()
  await list.getByText('coats-end.sh', { exact: true }).waitFor()

  await button('Go back to checkpoint 1').click()
  const asked = page.getByRole('group', { name: 'Go back to checkpoint 1' })
  await asked.getByText('coats-end.test.sh', { exact: true }).waitFor()
  await asked.getByRole('button', { name: 'Go back', exact: true }).click()

  const rewound = await line.when(id, (_, events) => events.find(({ type }) => type === 'story.rewound'))
  expect(rewound.data).toMatchObject({ n: 1, talk: 'kept' })
  await line.when(id, ({ builds, gate }) => builds === 2 && gate)
  await list.getByText('Back to checkpoint 1').waitFor()
}, 120_000)

test('a fork begins from the head of the story, and both stand side by side until one is kept', async () => {
  await open(`/stories/${id}`)
  await button('Fork…').click()
  const form = page.getByRole('group', { name: 'Fork this story' })
  await form.getByLabel('Title').fill('Coats another way')
  await form.getByRole('button', { name: 'Fork the story' }).click()
  await page.getByRole('heading', { name: 'Coats another way' }).waitFor()
  const child = new URL(page.url()).pathname.split('/')[2] ?? ''
  await line.gate(child, 'review')

  await page.getByRole('link', { name: 'Compare with Know coats' }).click()
  await page.getByRole('heading', { name: 'Side by side' }).waitFor()
  await page.getByRole('row', { name: /Changed/ }).waitFor()
  await page.getByText('coats-end.sh', { exact: true }).first().waitFor()

  await button('Keep Coats another way').click()

  const cancelled = await line.when(id, (_, events) => events.find(({ type }) => type === 'story.cancelled'))
  expect(cancelled.data).toEqual({ reason: `${child} was kept instead.` })
  await button('Keep Coats another way').waitFor({ state: 'detached' })
}, 120_000)
