/** Where Playwright keeps the Chromiums it has downloaded. */
import { readdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Machine } from './machine.ts'

// chrome-linux and chrome-mac until 2025, with the architecture in the name since.
const INSIDE = [
  'chrome-linux64/chrome',
  'chrome-linux/chrome',
  'chrome-headless-shell-linux64/chrome-headless-shell',
  'chrome-linux/headless_shell',
  ...['chrome-mac', 'chrome-mac-arm64', 'chrome-mac-x64'].flatMap((dir) => [
    `${dir}/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing`,
    `${dir}/Chromium.app/Contents/MacOS/Chromium`,
  ]),
]

/** Candidates, newest first; not all of them exist. */
export async function playwrightBrowsers({ env, platform }: Machine): Promise<string[]> {
  const home = env.HOME || homedir()
  const usual = platform === 'darwin' ? join(home, 'Library/Caches') : (env.XDG_CACHE_HOME ?? join(home, '.cache'))
  const cache = env.PLAYWRIGHT_BROWSERS_PATH ?? join(usual, 'ms-playwright')
  const names = (await readdir(cache).catch(() => [])).filter((name) => /^chromium(_headless_shell)?-\d+$/.test(name))
  const newestFirst = names.sort((a, b) => revision(b) - revision(a))
  return newestFirst.flatMap((name) => INSIDE.map((file) => join(cache, name, file)))
}

const revision = (name: string): number => Number(name.split('-').at(-1))
