/** The gateway: both doors out of the machine on one loopback port, the ledger, and the lines of every story. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import type { Log } from '@sluice/kit/log.ts'
import type { Prices } from '@sluice/kit/prices.ts'
import type { Spent } from '@sluice/kit/spend.ts'
import { LedgerEntry, type LimiterView } from '@sluice/proto/rest.ts'
import { type Context, Hono } from 'hono'
import { openAnswers } from './answers.ts'
import { openBegun } from './begun.ts'
import { openBooks } from './books.ts'
import { type Amount, type Caller, spentBefore } from './budget.ts'
import { openCalls } from './calls.ts'
import { openEgress } from './egress.ts'
import { openLedger } from './ledger.ts'
import { openLimiter } from './limiter.ts'
import { openLines } from './lines.ts'
import { modelDoor } from './model-door.ts'
import { openModelList } from './model-list.ts'
import { leftBehind, tellLeftBehind } from './recover.ts'
import { bearer, OpenRun, openRuns, userOf } from './runs.ts'
import { type RateLimitPolicy, SAME_CALLS } from './settings.ts'
import { type Key, openUpstream } from './upstream.ts'

/** Moments at which a test kills the process. */
export type Step = 'begun' | 'sent' | 'kept' | 'ended' | 'entered' | 'published'

export type GatewayConfig = {
  /** Where models are: Anthropic's API, or what `ANTHROPIC_BASE_URL` says. */
  upstream: string
  key: Key
  /** Bus users and the secrets by which they speak to the gateway, as they are now: seats change hands. */
  secrets(): Promise<Readonly<Record<string, string>>>
  /** Models the public table does not know, and prices of the person's own. */
  prices?: Prices
  /** The data directory: ledger, answers and calls that were begun have their places in it. */
  dataDir: string
  /** 0 takes a free port. */
  port?: number
  /** How long a call waits for its story's other calls before it is sent away for a while. */
  patienceMs?: number
  /** What becomes of a call that would have to wait for longer than this for its account's limits. */
  rateLimit?: { policy: RateLimitPolicy; seconds: number }
  /** Calls under way at once. */
  calls?: number
  /** Same calls of a tool in a row before the run is parked and the person asked. */
  sameCalls?: number
  lingerMs?: number
  silentMs?: number
  log: Log
  /** All that RUN says was spent before. */
  spent: Iterable<Caller & { id: string; cost: Amount }>
  publishUsage(said: Spent): Promise<void>
  onStep?(step: Step): void
}

export type Gateway = AsyncDisposable & { url: string }

/** What telemetry tells of one request to the collector. */
const Delivery = LedgerEntry.pick({ host: true, bytesOut: true, bytesIn: true, outcome: true })

export async function startGateway(config: GatewayConfig): Promise<Gateway> {
  const { dataDir, log } = config
  const ledger = await openLedger(join(dataDir, 'ledger'))
  const runs = openRuns()
  const enter = (entry: LedgerEntry) =>
    ledger.enter(entry).catch((error: unknown) => log.error({ error, entry }, 'the ledger could not be written'))
  const egress = openEgress({
    runs,
    enter: (entry) => enter({ at: new Date().toISOString(), door: 'egress', ...entry }),
  })

  const answers = await openAnswers(join(dataDir, 'gateway', 'answers'))
  const begun = await openBegun(join(dataDir, 'gateway', 'calls'))
  const told = [...config.spent]
  const names = new Set(told.map(({ id }) => id))
  const left = await leftBehind({ begun, answers, told: names })
  const lines = openLines(spentBefore([...told, ...left.flatMap(({ spent }) => spent)]), patienceOf(config))
  await tellLeftBehind(left, { begun, ledger, ...config })
  for (const { call } of left) names.add(call.id)

  const { rateLimit = { policy: 'wait', seconds: 60 }, calls: most = 8, sameCalls = SAME_CALLS } = config
  const longestMs = rateLimit.seconds * 1_000
  const limiter = openLimiter({ calls: most, longestMs })
  const upstream = openUpstream({ url: config.upstream, key: config.key })
  // Not entered, a call stays on the disk for the next start: what it cost must not be missing.
  const books = openBooks({ begun, lines, enter: ledger.enter, names, ...config })
  const means = { answers, books, lines, limiter, upstream, enter, longestMs, policy: rateLimit.policy }
  const calls = openCalls({ ...config, ...means })

  const app = new Hono()
  const user = async (c: Context) => userOf(await config.secrets(), bearer(c.req.header('authorization')) ?? '')
  app.post('/runs', async (c) => {
    const who = await user(c)
    if (!who) return c.json({ error: 'Only the services of this data directory open runs.' }, 401)
    const asked = OpenRun.safeParse(await c.req.json().catch(() => null))
    if (!asked.success) return c.json({ error: `This is no run: ${asked.error.message}` }, 400)
    if (asked.data.role !== who) return c.json({ error: `${who} cannot open a run of ${asked.data.role}.` }, 403)
    const token = runs.open(asked.data)
    if (!token) return c.json({ error: 'A later attempt of this run is at work.' }, 409)
    return c.json({ token, egressUrl: new URL(c.req.url).origin })
  })
  app.delete('/runs/:token', async (c) => {
    if (!(await user(c))) return c.json({ error: 'Only the services of this data directory close runs.' }, 401)
    const run = runs.of(c.req.param('token'))
    runs.close(c.req.param('token'))
    // Left for a while, it may ask again for what it did not hear; over, it never does.
    if (run && c.req.query('over') !== undefined) await calls.forget(run)
    return c.body(null, 204)
  })
  app.get('/runs/:token', async (c) => {
    const who = await user(c)
    const run = runs.of(c.req.param('token'))
    if (!run || run.role !== who) return c.json({ error: 'Only who opened a run is told of it.' }, 401)
    return c.json({ refused: run.refused })
  })
  const models = openModelList({ upstream, enter })
  app.get('/models', async (c) => {
    if (!(await user(c))) return c.json({ error: 'Only the services of this data directory are told of models.' }, 401)
    return c.json(await models())
  })
  app.get('/limits', async (c) => {
    if ((await user(c)) !== 'web') return c.json({ error: 'The limits are read through web.' }, 401)
    return c.json(limiter.view() satisfies LimiterView)
  })
  app.get('/ledger', async (c) => {
    if ((await user(c)) !== 'web') return c.json({ error: 'The ledger is read through web.' }, 401)
    return c.json(await ledger.entries(c.req.query('storyId')))
  })
  app.post('/ledger', async (c) => {
    if ((await user(c)) !== 'telemetry') return c.json({ error: 'Only telemetry enters what it sent.' }, 401)
    const sent = Delivery.safeParse(await c.req.json().catch(() => null))
    if (!sent.success) return c.json({ error: `This is no delivery: ${sent.error.message}` }, 400)
    const nobody = { storyId: null, role: 'telemetry', runId: null }
    await ledger.enter({ at: new Date().toISOString(), door: 'telemetry', ...nobody, ...sent.data })
    return c.body(null, 204)
  })
  app.route(
    '/v1',
    modelDoor({ ...(config.prices && { prices: config.prices }), runs, calls, upstream, sameCalls, enter }),
  )
  app.onError((error, c) => {
    config.log.error({ error }, 'the gateway failed')
    return c.json(
      { type: 'error', error: { type: 'api_error', message: 'The gateway failed; its log says why.' } },
      500,
    )
  })

  const listener = getRequestListener(app.fetch)
  const server = createServer(
    (req, res) => void (req.url?.startsWith('/') ? listener(req, res) : egress.forward(req, res)),
  )
  server.on('connect', (req, socket, head) => void egress.tunnel(req, socket, head))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(config.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      runs.closeAll()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
      await calls[Symbol.asyncDispose]()
      await books[Symbol.asyncDispose]()
    },
  }
}

const patienceOf = ({ patienceMs }: GatewayConfig) => (patienceMs === undefined ? {} : { patienceMs })
