/** The three pictures of the README: the board, the inbox, a change with its finding. */
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { openContext, settled } from './camera.ts'

const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url))
/** As wide as a README shows it, and no more bytes than it is worth. */
const SHOT = { width: 1280, theme: 'light' } as const

type House = { address: string; origin: string }

export async function photographForReadme(
  browser: Browser,
  { address, origin }: House,
  { reviewed, say }: { reviewed: string; say: (line: string) => void },
): Promise<void> {
  const context = await openContext(browser, address, SHOT)
  const page = await context.newPage()
  const take = async (name: string, path: string, ready?: string) => {
    await page.goto(origin + path)
    await settled(page)
    if (ready) await page.locator(ready).first().scrollIntoViewIfNeeded()
    await page.screenshot({ path: `${DOCS}${name}.png`, animations: 'disabled' })
    say(`docs/${name}.png`)
  }
  await take('board', '/')
  await take('inbox', '/inbox')
  await page.goto(`${origin}/stories/${reviewed}/changes`)
  await settled(page)
  await page.keyboard.press('n')
  await page.locator('.finding:focus').waitFor()
  await page.screenshot({ path: `${DOCS}changes.png`, animations: 'disabled' })
  say('docs/changes.png')
  await context.close()
}
