/** Renders what agents drew: a browser in a jail without network, so a page's scripts may run and reach nothing. */

import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { Browser as Chromium, Page } from 'playwright-core'
import { forwardPort, type Jail, type JailPolicy, jailArgv } from './jail.ts'
import { makeShortTemp } from './short-temp.ts'

/** A browser found on this machine; `env` and `readable` are what it needs to run (library paths, unpacked packages). */
export type BrowserProgram = { path: string; env?: Record<string, string>; readable?: string[] }

/** Sizes in CSS pixels. */
export type Viewport = { name: string; width: number; height: number; colorScheme?: 'light' | 'dark' }

/** An element marked `data-region="id"`; its box in CSS pixels from the page's top left. */
export type Region = { id: string; x: number; y: number; width: number; height: number; text: string }

/** `png` is the whole page, however long. `consoleErrors`: what the page's scripts and requests complained of. */
export type Rendering = { viewport: Viewport; png: Buffer; regions: Region[]; consoleErrors: string[] }

export type RenderRequest = ({ html: string } | { url: string }) & {
  viewports: Viewport[]
  /** A selector to wait for, or milliseconds, after the page has loaded. */
  wait?: string | number
  /** For all viewports together. Default 30 s. */
  timeoutMs?: number
}

export type Browser = AsyncDisposable & {
  /** One rendering per viewport, in their order. Rejects with one sentence when the page hangs or crashes; the next call has a new browser. */
  render(request: RenderRequest): Promise<Rendering[]>
  close(): Promise<void>
}

const ARGS = [
  // Its own sandbox needs namespaces that a jail does not give again: the jail is its sandbox.
  ...['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--mute-audio'],
  ...[
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-pings',
    '--no-first-run',
  ],
  ...['--disable-extensions', '--disable-default-apps', '--metrics-recording-only', '--force-color-profile=srgb'],
]

/**
 * Starts nothing yet: the browser comes up with the first rendering, and is shared by all of them. `appDoor` is the socket of a proxy
 * (jails/app-door.ts) through which it sees apps; without one it sees nobody.
 */
export function openBrowser(program: BrowserProgram, jail: Jail, appDoor?: string): Browser {
  const dir = makeShortTemp()
  const lifeline = openLifeline(dir)
  let running: Promise<Chromium> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const started = async (): Promise<Chromium> => {
    if (running && !(await running).isConnected()) running = undefined
    running ??= launch(program, jail, { dir, appDoor })
    return running
  }
  const stop = async (): Promise<void> => {
    const stopping = running
    running = undefined
    await stopping?.then(
      (browser) => browser.close(),
      () => undefined,
    )
  }
  const renderNow = async (request: RenderRequest): Promise<Rendering[]> => {
    const timeoutMs = request.timeoutMs ?? 30_000
    try {
      return await inTime(renderAll(await started(), request, timeoutMs), timeoutMs)
    } catch (error) {
      // Whatever it was, the next page must not meet it.
      await stop()
      throw new Error(`The page could not be rendered: ${reason(error)}`, { cause: error })
    }
  }
  const close = async (): Promise<void> => {
    await turn
    await stop()
    closeSync(lifeline)
    rmSync(dir, { recursive: true, force: true })
  }

  return {
    render(request) {
      // One request at a time: a page that hangs takes the browser along, but nobody else's page.
      const mine = turn.then(() => renderNow(request))
      turn = mine.catch(() => undefined)
      return mine
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function renderAll(browser: Chromium, request: RenderRequest, timeoutMs: number): Promise<Rendering[]> {
  const renderings: Rendering[] = []
  // One after another: they are rendered by the same two cores.
  for (const viewport of request.viewports) renderings.push(await renderOne(browser, request, { viewport, timeoutMs }))
  return renderings
}

async function renderOne(
  browser: Chromium,
  request: RenderRequest,
  { viewport, timeoutMs }: { viewport: Viewport; timeoutMs: number },
): Promise<Rendering> {
  const { width, height, colorScheme = 'light' } = viewport
  await using context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' })
  const page = await context.newPage()
  const crashed = new Promise<never>((_, reject) => page.once('crash', () => reject(new Error('the page crashed'))))
  const consoleErrors = complaints(page)
  const shown = async (): Promise<Rendering> => {
    await load(page, request, timeoutMs)
    const png = await page.screenshot({ fullPage: true, animations: 'disabled', timeout: timeoutMs })
    return { viewport, png, regions: await regionsOf(page), consoleErrors }
  }
  return await Promise.race([shown(), crashed])
}

async function load(page: Page, request: RenderRequest, timeout: number): Promise<void> {
  if ('html' in request) await page.setContent(request.html, { waitUntil: 'load', timeout })
  else await page.goto(request.url, { waitUntil: 'load', timeout })
  if (typeof request.wait === 'number') await page.waitForTimeout(request.wait)
  if (typeof request.wait === 'string') await page.waitForSelector(request.wait, { timeout })
}

function complaints(page: Page): string[] {
  const errors: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  return errors
}

/** Runs in the page, where the types of the DOM are not ours to import. */
const REGIONS = `[...document.querySelectorAll('[data-region]')].map((element) => {
  const box = element.getBoundingClientRect()
  return {
    id: element.dataset.region,
    x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height,
    text: (element.innerText || element.textContent || '').trim(),
  }
})`

const regionsOf = (page: Page): Promise<Region[]> => page.evaluate<Region[]>(REGIONS)

async function launch(
  program: BrowserProgram,
  jail: Jail,
  { dir, appDoor }: { dir: string; appDoor: string | undefined },
): Promise<Chromium> {
  // A third of a second of every role's start: only one that renders pays for it.
  const { chromium } = await import('playwright-core')
  const empty = join(dir, 'empty')
  const wrapper = join(dir, 'browser')
  mkdirSync(empty, { recursive: true })
  const port = forwardPort(jail)
  const argv = jailArgv(
    jail,
    { ...policyFor(program, empty), ...(appDoor && { socket: appDoor, port }) },
    [program.path],
    [3, 4],
  )
    .map(quoted)
    .join(' ')
  // Until bwrap is set up it may outlive us (jail.ts says why), so here too a process beside it waits for our end of a pipe to close.
  const guard = `{ read -r _ <${quoted(join(dir, LIFELINE))}; kill -9 0; } </dev/null >/dev/null 2>&1 3>&- 4>&- &`
  // exec, so that the jail is our own child and dies with us; its pipes on 3 and 4 pass through.
  writeFileSync(wrapper, `#!/bin/sh\n${guard} exec /usr/bin/env -i ${argv} "$@"\n`, { mode: 0o700 })
  return chromium.launch({
    executablePath: wrapper,
    args: [...ARGS, ...(appDoor ? throughDoor(port) : [])],
    env: {},
    timeout: 30_000,
    ...SIGNALS,
  })
}

/** Its loopback included: the apps are on that of another jail. */
const throughDoor = (port: number): string[] => [
  `--proxy-server=http://127.0.0.1:${port}`,
  '--proxy-bypass-list=<-loopback>',
]

const LIFELINE = 'lifeline'

/** A named pipe of which this process alone holds the writing end: playwright leaves no room for a pipe of ours among the browser's own. */
function openLifeline(dir: string): number {
  execFileSync('mkfifo', [join(dir, LIFELINE)])
  return openSync(join(dir, LIFELINE), 'r+')
}

/** Who started us decides when to stop; the browser is closed by its owner. */
const SIGNALS = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }

function policyFor({ path, env = {}, readable = [] }: BrowserProgram, worktree: string): JailPolicy {
  const libraries = (env.LD_LIBRARY_PATH ?? '').split(':').filter(isAbsolute)
  return { worktree, readable: [dirname(path), ...libraries, ...readable], env }
}

async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not ready within ${ms / 1000} s`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    // It ends with the browser, when nobody waits for it any more.
    work.catch(() => undefined)
  }
}

const quoted = (argument: string): string => `'${argument.replaceAll("'", `'\\''`)}'`
const reason = (error: unknown): string =>
  error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
