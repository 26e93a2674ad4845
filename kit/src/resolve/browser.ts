/** Finds a Chromium to render with: what the person has, else one that comes from npm. */
import { readFile, realpath, stat } from 'node:fs/promises'
import { Refusal } from '../errors.ts'
import { fetchedChromium } from './fetched-chromium.ts'
import { findProgram, isExecutable, type Machine, ran, thisMachine } from './machine.ts'
import { playwrightBrowsers } from './playwright-browsers.ts'

export type Browser = {
  path: string
  /** What it must find in its environment, besides what every program gets. */
  env: Record<string, string>
  source: 'SLUICE_BROWSER' | 'system' | 'playwright' | 'cache' | 'npm'
}

const NAMES = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
  'microsoft-edge',
]
/** For all users of a Mac, then for this one. */
const onMac = ({ env }: Machine): string[] =>
  ['', env.HOME ?? ''].flatMap((home) =>
    ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (app) => `${home}/Applications/${app}.app/Contents/MacOS/${app}`,
    ),
  )
const MEND =
  'Install Chromium (Debian, WSL2: sudo apt-get install chromium; macOS: brew install --cask google-chrome) or set SLUICE_BROWSER to one, then run the same command again.'

/** `SLUICE_BROWSER` → Chrome, Chromium or Edge of the system → Playwright's cache → on Linux x64 one from npm; otherwise a Refusal. */
export async function resolveBrowser(machine: Machine = thisMachine()): Promise<Browser> {
  const chosen = machine.env.SLUICE_BROWSER
  if (chosen) {
    if (await runs(chosen, machine)) return { path: chosen, env: {}, source: 'SLUICE_BROWSER' }
    throw new Refusal(
      `SLUICE_BROWSER names ${chosen}, which does not run.`,
      'Let it name a Chromium or Chrome, or unset it.',
    )
  }
  for (const path of await ofTheSystem(machine)) {
    if (await runs(path, machine)) return { path, env: {}, source: 'system' }
  }
  for (const path of await playwrightBrowsers(machine)) {
    if (await runs(path, machine)) return { path, env: {}, source: 'playwright' }
  }
  if (machine.platform === 'linux' && machine.arch === 'x64') return await fetchedChromium(machine, MEND)
  throw new Refusal('No Chrome, Chromium or Edge is on this machine.', MEND)
}

async function ofTheSystem(machine: Machine): Promise<string[]> {
  const onPath = await Promise.all(NAMES.map((name) => findProgram(machine, name)))
  const found = [...onPath, ...(machine.platform === 'darwin' ? onMac(machine) : [])].filter(
    (path) => path !== undefined,
  )
  const confined = await Promise.all(found.map(isSnap))
  return found.filter((_, i) => !confined[i])
}

/** A snap is confined to places of its own: it sees neither a worktree nor our sockets, and does not start inside a jail. */
async function isSnap(path: string): Promise<boolean> {
  try {
    if ((await realpath(path)).startsWith('/snap/') || (await realpath(path)) === '/usr/bin/snap') return true
    return (await stat(path)).size < 65_536 && (await readFile(path, 'utf8')).includes('/snap/bin/chromium')
  } catch {
    return false
  }
}

async function runs(path: string, { env, platform }: Machine): Promise<boolean> {
  if (!(await isExecutable(path))) return false
  // On a Mac asking for the version opens a window's worth of browser.
  return platform === 'darwin' || (await ran([path, '--version'], { env, timeoutMs: 20_000 })).ok
}
