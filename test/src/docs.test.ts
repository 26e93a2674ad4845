/** What Sluice says of itself, on its own page: found, opened by its address, and loaded from nowhere else. */
import { join } from 'node:path'
import { token, type World, webWorld } from '@sluice/web/testing/world.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openPersonsBrowser } from './testing/browser.ts'

const pageDir = join(import.meta.dirname, '../../ui/dist')

let world: World
let browser: Browser
let page: Page
beforeAll(async () => {
  world = await webWorld({}, { pageDir })
  browser = await openPersonsBrowser()
}, 60_000)
afterAll(async () => {
  await browser.close()
  await world[Symbol.asyncDispose]()
}, 30_000)
beforeEach(async () => {
  page = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage()
  page.setDefaultTimeout(30_000)
  await page.goto(`${world.origin}/?token=${token}`)
  return () => page.context().close()
})

const isElsewhere = (url: string) => !url.startsWith(world.origin) && !url.startsWith('data:')
const open = (path: string) => page.goto(world.origin + path)

test('a call of REST is found by a word, and says what is sent and answered', async () => {
  await open('/docs/rest')

  await page.getByLabel('Find a call').fill('send the verdict')
  await page.getByText('/api/seats/{seat}/takes/{take}/verdict').click()

  await page.getByRole('heading', { name: /^Body/ }).waitFor()
  await page.getByText('findings', { exact: true }).waitFor()
  await page.getByText('"summary": "One password in the sources."').waitFor()
  expect(new URL(page.url()).hash).toBe('#sendVerdict')
})

test('a subject of the bus is opened by its address, and its parts unfold', async () => {
  await open('/docs/bus#review.completed')

  await page.getByText('story.{storyId}.review.completed.{source}').waitFor()
  await page.getByText('data', { exact: true }).first().click()
  await page.getByText('judged', { exact: true }).first().waitFor()
})

test('one document leads to another and to the part that is meant, on this page', async () => {
  await open('/docs/events')
  const loads: string[] = []
  page.on('request', (request) => request.isNavigationRequest() && loads.push(request.url()))

  await page.getByRole('link', { name: 'asyncapi.json' }).click()

  await page.getByRole('heading', { name: 'The bus' }).waitFor()
  expect(loads).toEqual([])
})

test('no document is wider than a phone, breaks the page’s policy, or is fetched from elsewhere', async () => {
  const wrong: string[] = []
  page.on('console', (message) => message.text().includes('Content Security Policy') && wrong.push(message.text()))
  page.on('request', (request) => isElsewhere(request.url()) && wrong.push(request.url()))

  for (const name of ['rest#submitStory', 'bus#run.entry', 'events', 'reviewers']) {
    await open(`/docs/${name}`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    const [width = 0] = await page.evaluate<number[]>('[document.documentElement.scrollWidth]')
    if (width > 360) wrong.push(`${name} is ${width} wide`)
  }

  expect(wrong).toEqual([])
})
