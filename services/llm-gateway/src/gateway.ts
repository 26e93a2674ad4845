/** The gateway: both doors out of the machine on one loopback port, the ledger, and the hard line of every story. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Log } from '@sluice/kit/log.ts'
import type { Prices } from '@sluice/kit/prices.ts'
import type { Spent } from '@sluice/kit/spend.ts'
import { LedgerEntry } from '@sluice/proto/rest.ts'
import { type Context, Hono } from 'hono'
import type { Line } from './budget.ts'
import { openEgress } from './egress.ts'
import { openLedger } from './ledger.ts'
import { openLines } from './lines.ts'
import { modelDoor } from './model-door.ts'
import { bearer, OpenRun, openRuns, userOf } from './runs.ts'
import { type Key, openUpstream } from './upstream.ts'

export type GatewayConfig = {
  /** Where models are: Anthropic's API, or what `ANTHROPIC_BASE_URL` says. */
  upstream: string
  key: Key
  /** Bus users and the secrets by which they speak to the gateway, as they are now: seats change hands. */
  secrets(): Promise<Readonly<Record<string, string>>>
  /** Models the public table does not know, and prices of the person's own. */
  prices?: Prices
  ledgerDir: string
  /** 0 takes a free port. */
  port?: number
  /** How long a call waits for its story's other calls before it is sent away for a while. */
  patienceMs?: number
  log: Log
  /** Spent before, by story. */
  spent: Map<string, Line>
  publishUsage(said: Spent): Promise<void>
}

export type Gateway = AsyncDisposable & { url: string }

/** What telemetry tells of one request to the collector. */
const Delivery = LedgerEntry.pick({ host: true, bytesOut: true, bytesIn: true, outcome: true })

export async function startGateway(config: GatewayConfig): Promise<Gateway> {
  const ledger = await openLedger(config.ledgerDir)
  const runs = openRuns()
  const enter = (door: LedgerEntry['door']) => (entry: Omit<LedgerEntry, 'at' | 'door'>) =>
    ledger
      .enter({ at: new Date().toISOString(), door, ...entry })
      .catch((error: unknown) => config.log.error({ error, entry }, 'the ledger could not be written'))
  const egress = openEgress({ runs, enter: enter('egress') })

  const settlements = new Set<Promise<void>>()
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
    runs.close(c.req.param('token'))
    return c.body(null, 204)
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
  app.route('/v1', modelDoor({ ...config, runs, settlements, enter: enter('model'), ...openDoor(config) }))
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
      await Promise.allSettled(settlements)
    },
  }
}

const openDoor = ({ upstream, key, spent, patienceMs }: GatewayConfig) => ({
  upstream: openUpstream({ url: upstream, key }),
  lines: openLines(spent, patienceMs === undefined ? {} : { patienceMs }),
})
