/** Every page, light and dark, in a real browser: no barrier that axe-core finds, nothing wider than a phone; changes read in either shape. */
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openContext, settled } from './screenshots/camera.ts'
import { openPersonsBrowser } from './testing/browser.ts'
import { type Line, openLine } from './testing/line.ts'
import { type Place, placesOf } from './testing/page-places.ts'
import { ownFiles, storyAbout } from './testing/tiny-stories.ts'

const CARELESS = 'export const run = (code) => eval(code)\n'
const stories = {
  unmended: storyAbout('macros', [
    { path: 'macros.mjs', new: CARELESS },
    { path: 'greeting.mjs', old: 'Hello', new: 'Good morning' },
    ...ownFiles('macros'),
  ]),
  designed: storyAbout('drawings', ownFiles('drawings')),
  scoped: storyAbout('fences', ownFiles('fences')),
}

let line: Line
let browser: Browser
const ids: Record<string, string> = {}

beforeAll(async () => {
  line = await openLine({
    stories: Object.values(stories),
    files: { 'greeting.mjs': "export const greeting = 'Hello'\n" },
  })
  browser = await openPersonsBrowser()
  for (const [name, story] of Object.entries(stories)) ids[name] = await line.submit(story)
  const { unmended = '', designed = '', scoped = '' } = ids
  await Promise.all([line.toGate(unmended, 'review'), line.toGate(designed, 'design'), line.gate(scoped, 'scope')])
}, 400_000)
afterAll(async () => {
  await browser.close()
  await line[Symbol.asyncDispose]()
}, 30_000)

const RULES = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }

type Barrier = { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }

async function barriersOf(page: Page): Promise<Barrier[]> {
  if (!(await page.evaluate('typeof axe === "object"'))) await page.evaluate(axe.source)
  return page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(RULES.runOnly)} }).then((r) => r.violations)`)
}

const places = (): Place[] => placesOf({ stories: { unmended: ids.unmended ?? '' }, waiting: ids })

test.each([
  { width: 1440, theme: 'light' },
  { width: 360, theme: 'dark' },
] as const)(
  'no page has a barrier, $theme and $width wide, nor is it wider than its window',
  async (shot) => {
    const context = await openContext(browser, line.house.address, shot)
    const found: string[] = []
    for (const { name, path } of places()) {
      const page = await context.newPage()
      await page.goto(line.house.origin + path)
      await settled(page)
      for (const { id, help, nodes } of await barriersOf(page))
        found.push(`${name}: ${id} (${help}) ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary ?? ''}`)
      if (Number(await page.evaluate('document.documentElement.scrollWidth')) > shot.width)
        found.push(`${name}: too wide`)
      await page.close()
    }
    await context.close()

    expect(found).toEqual([])
  },
  300_000,
)

test('changes: a finding is jumped to by a key, either shape is remembered, a phone has one column', async () => {
  const context = await openContext(browser, line.house.address, { width: 1440, theme: 'light' })
  const page = await context.newPage()
  const address = `${line.house.origin}/stories/${ids.unmended}/changes`
  await page.goto(address)
  await settled(page)

  await page.keyboard.press('n')
  await page.locator('.finding:focus').getByText('CWE-95').waitFor()
  await page.locator('.c-keyword', { hasText: 'export' }).first().waitFor()
  await page.locator('[data-shape="side by side"]').first().waitFor()
  await page.keyboard.press('v')
  await page.locator('[data-shape="one column"]').first().waitFor()
  await page.reload()
  await settled(page)
  expect(await page.locator('[data-shape="side by side"]').count()).toBe(0)

  await page.keyboard.press('v')
  await page.locator('[data-shape="side by side"]').first().waitFor()
  await page.setViewportSize({ width: 360, height: 780 })
  await page.locator('[data-shape="one column"]').first().waitFor()
  await context.close()
}, 120_000)
