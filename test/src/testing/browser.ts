/** A real Chromium as a person has one open, from the same place where the house finds its own. */
import { resolveBrowser } from '@sluice/kit/resolve/browser.ts'
import { type Browser, chromium } from 'playwright-core'

export async function openPersonsBrowser(): Promise<Browser> {
  const { path: executablePath, env } = await resolveBrowser()
  return chromium.launch({
    ...{ executablePath, env: { ...process.env, ...env } as Record<string, string> },
    args: ['--no-sandbox', '--disable-background-networking'],
  })
}
