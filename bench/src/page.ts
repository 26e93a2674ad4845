/** How long until a recorded event is on the screen, with a thousand stories on the board, in a real browser. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openHouse } from '@sluice/cli/house.ts'
import { makeTinyRepository } from '@sluice/demo/tiny.ts'
import { resolveBrowser } from '@sluice/kit/resolve/browser.ts'
import { chromium, type Page } from 'playwright-core'
import { type Benchmark, lookFrom, say, tell } from './benchmark.ts'
import { openBoardOf } from './page/stories.ts'
import { watchBoard } from './page/watch.ts'

const usage = `npm run bench -- page [--quick] [--json]
  A thousand stories at every stage on the board of a real house, in a real Chromium; then one after the other moves.
  How long from the moment an event is recorded until it is painted (p50, p99), and what the first visit takes.`

export const page: Benchmark = {
  name: 'page',
  summary: 'how long until an event is on the screen, with a thousand stories on the board',
  usage,
  async run(args) {
    const look = lookFrom(args)
    const measured = await measure(look.quick ? quick : whole)
    tell(look, measured, linesOf(measured))
    return 0
  },
}

type Load = { stories: number; events: number; rate: number }
const whole: Load = { stories: 1_000, events: 300, rate: 20 }
const quick: Load = { stories: 100, events: 30, rate: 10 }
type FirstVisit = { firstCardMs: number; liveMs: number; transferredKb: number }
/** `workMs`: what the page's own thread did for one event, whatever else the machine did meanwhile. */
type Measured = Load & {
  seen: number
  p50: number
  p99: number
  worst: number
  workMs: number
  firstVisit: FirstVisit
}

async function measure({ stories, events, rate }: Load): Promise<Measured> {
  await using stack = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'slc-bench-'))
  stack.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }))
  const [repository, dataDir] = [join(dir, 'repository'), join(dir, 'data')]
  await makeTinyRepository(repository)
  // No role runs: nobody asks a model for anything.
  const upstream = { url: 'http://127.0.0.1:9', key: 'sk-ant-nobody' }
  const house = stack.use(await openHouse({ dataDir, repository, only: ['web'], upstream }))
  await house.ready
  const board = stack.use(await openBoardOf(dataDir))
  say(`page: putting ${stories} stories on the board`)
  await board.fill(stories)
  // Only now: it would take the stories on while they are still being told.
  await house.scale('orchestrator', 1)
  await board.shown()
  say('page: opening it in a browser')

  const { path: executablePath, env } = await resolveBrowser()
  const browser = await chromium.launch({
    ...{ executablePath, env: { ...process.env, ...env } as Record<string, string> },
    args: ['--no-sandbox', '--disable-background-networking'],
  })
  stack.defer(() => browser.close())
  const visitor = await browser.newPage({ viewport: { width: 1600, height: 1000 } })
  visitor.setDefaultTimeout(120_000)
  const firstVisit = await visit(visitor, house.address)
  say(`page: moving ${events} of them, ${rate} a second`)
  const watch = await watchBoard(visitor)

  const worked = await workOf(visitor)
  const recorded = new Map<string, number>()
  for (let i = 0; i < events; i += 1) {
    const { shown, at } = await board.move(i)
    recorded.set(shown, at)
    await delay(1000 / rate)
  }
  const seen = await watch.seen([...recorded.keys()])
  const took = [...recorded].flatMap(([shown, at]) => (seen.has(shown) ? [(seen.get(shown) ?? at) - at] : []))
  took.sort((a, b) => a - b)
  const part = (p: number) => Math.round(took[Math.min(took.length - 1, Math.floor(took.length * p))] ?? Number.NaN)
  const workMs = Math.round((await worked()) / events)
  return {
    stories,
    events,
    rate,
    seen: took.length,
    p50: part(0.5),
    p99: part(0.99),
    worst: part(1),
    workMs,
    firstVisit,
  }
}

/** From the address with the token to a board that is live, nothing in the browser's store. */
async function visit(page: Page, address: string): Promise<FirstVisit> {
  await page.goto(address)
  await page.locator('.card').first().waitFor()
  const firstCardMs = await sinceStart(page)
  await page.getByRole('status', { name: 'Connection: Live' }).waitFor()
  const liveMs = await sinceStart(page)
  const bytes = await page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .map((entry) => (entry as PerformanceResourceTiming).transferSize)
      .reduce((sum, size) => sum + size, 0),
  )
  return { firstCardMs, liveMs, transferredKb: Math.round(bytes / 1024) }
}

/** Milliseconds the page's thread has worked since this was asked for. */
async function workOf(page: Page): Promise<() => Promise<number>> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN)
  }
}

const sinceStart = async (page: Page): Promise<number> => Math.round(await page.evaluate(() => performance.now()))

const linesOf = ({ stories, events, rate, seen, p50, p99, worst, workMs, firstVisit }: Measured): string[] => [
  `${stories} stories on the board, ${events} events at ${rate} a second, ${seen} of them seen`,
  `recorded to on screen: p50 ${p50} ms, p99 ${p99} ms, worst ${worst} ms; the page works ${workMs} ms for each`,
  `first visit: a card after ${firstVisit.firstCardMs} ms, live after ${firstVisit.liveMs} ms, ${firstVisit.transferredKb} kB`,
]
