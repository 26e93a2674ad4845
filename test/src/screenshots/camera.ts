/** Photographs pages: every place at three widths, light and dark. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { Place } from '../testing/page-places.ts'

const WIDTHS = [360, 768, 1440] as const
const THEMES = ['light', 'dark'] as const

export type Shot = { width: number; theme: 'light' | 'dark' }
export const shots: readonly Shot[] = WIDTHS.flatMap((width) => THEMES.map((theme) => ({ width, theme })))

/** A browser of the person, let in by the house's address. */
export async function openContext(browser: Browser, address: string, { width, theme }: Shot): Promise<BrowserContext> {
  const context = await browser.newContext({
    ...{ viewport: { width, height: width < 700 ? 780 : 900 }, colorScheme: theme, reducedMotion: 'reduce' },
  })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  await page.goto(address)
  await page.close()
  return context
}

/** What is still fetched or drawn is waited for. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('status', { name: 'Connection: Live' }).waitFor()
  await page.locator('.mantine-Skeleton-root, [aria-busy="true"]').first().waitFor({ state: 'detached' })
}

export async function photograph(
  context: BrowserContext,
  { origin, dir, places, shot }: { origin: string; dir: string; places: readonly Place[]; shot: Shot },
): Promise<number> {
  const folder = join(dir, `${shot.width}-${shot.theme}`)
  await mkdir(folder, { recursive: true })
  for (const { name, path } of places) {
    const page = await context.newPage()
    await page.goto(origin + path)
    await settled(page)
    await page.waitForLoadState('networkidle')
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, animations: 'disabled' })
    await page.close()
  }
  return places.length
}
