/** The inbox by keyboard alone, in a real browser on a real house: what is pressed counts, can be undone, and loses nothing. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openPersonsBrowser } from './testing/browser.ts'
import { type Line, openLine } from './testing/line.ts'
import { ownFiles, storyAbout } from './testing/tiny-stories.ts'

const stories = {
  pressed: storyAbout('keys', ownFiles('keys')),
  undone: storyAbout('second thoughts', ownFiles('thoughts')),
  raced: storyAbout('haste', ownFiles('haste')),
}

let line: Line
let browser: Browser
let page: Page

beforeAll(async () => {
  line = await openLine({ stories: Object.values(stories) })
  browser = await openPersonsBrowser()
}, 120_000)
afterAll(async () => {
  await browser.close()
  await line[Symbol.asyncDispose]()
}, 30_000)
beforeEach(async () => {
  page = await (await browser.newContext()).newPage()
  page.setDefaultTimeout(120_000)
  await page.goto(line.house.address)
  return () => page.context().close()
})

const row = (about: string) => page.getByRole('link', { name: new RegExp(`^Know ${about}`) })
const asked = (gate: string) => page.getByRole('heading', { name: `Approve ${gate}?` })
const armed = () => page.locator('button:not([disabled])', { hasText: /^Approve/ }).waitFor()
const openInbox = async () => {
  await page.getByText('Live', { exact: true }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  await page.getByRole('heading', { name: /^Inbox/ }).waitFor()
}

test('by keys alone a story goes from its first gate to the merge; the next one has the focus', async () => {
  const id = await line.submit(stories.pressed)
  await line.gate(id, 'scope')
  await openInbox()

  for (const gate of ['scope', 'design', 'architecture', 'review']) {
    await line.gate(id, gate)
    await asked(gate).waitFor()
    await armed()
    await page.keyboard.press('a')
    await page.getByRole('status').getByText(`Approved: Know keys, ${gate}.`).waitFor()
    await asked(gate).waitFor({ state: 'detached' })
  }

  const { shipped } = await line.shipped(id)
  expect(shipped?.commit).toMatch(/^[0-9a-f]{40}$/)
  expect(line.events(id).filter(({ type }) => type === 'gate.approved')).toHaveLength(4)
}, 300_000)

test('undone, nothing was decided and the item stands there again; sent back, the comment goes with it', async () => {
  const id = await line.submit(stories.undone)
  await line.gate(id, 'scope')
  await openInbox()
  await asked('scope').waitFor()
  await armed()

  await page.keyboard.press('a')
  await page.getByRole('button', { name: /^Undo/ }).waitFor()
  await page.keyboard.press('u')
  await row('second thoughts').waitFor()
  await asked('scope').waitFor()
  await armed()
  await page.keyboard.press('s')
  await page.locator('textarea:focus').waitFor()
  await page.keyboard.type('Say which thoughts.')
  await page.keyboard.press('Control+Enter')

  const back = await line.when(id, (_, events) => events.find(({ type }) => type === 'gate.rejected'))
  expect(back.data).toMatchObject({ gate: 'scope', comment: 'Say which thoughts.' })
  expect(line.events(id).some(({ type }) => type === 'gate.approved')).toBe(false)
}, 300_000)

test('decided elsewhere meanwhile, nothing is decided here: what is on the table is said, what was typed is kept', async () => {
  const id = await line.submit(stories.raced)
  const gate = await line.gate(id, 'scope')
  await openInbox()
  await row('haste').click()
  await armed()
  await page.getByLabel('Comment').fill('Slower, please.')
  await page.keyboard.press('Control+Enter')
  await page.getByText('Sent back: Know haste, scope.').waitFor()

  await line.approve(id, gate)

  const refused = page.getByRole('alert', { name: 'It changed meanwhile: nothing was decided.' })
  await refused.getByText('Slower, please.').waitFor()
  expect(line.events(id).some(({ type }) => type === 'gate.rejected')).toBe(false)
}, 300_000)
