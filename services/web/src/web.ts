/** The process around web: the page's server, the frames' server, every story folded, until told to stop. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { artifactStore } from '@sluice/kit/artifacts.ts'
import type { Bus } from '@sluice/kit/bus.ts'
import { type ServiceConfig, serviceConfig } from '@sluice/kit/config.ts'
import { Refusal } from '@sluice/kit/errors.ts'
import type { Log } from '@sluice/kit/log.ts'
import { runService } from '@sluice/kit/service.ts'
import type { Story } from '@sluice/proto/story.ts'
import type { Hono } from 'hono'
import { webApp } from './app.ts'
import type { ArtifactStore } from './artifacts.ts'
import { attachProject } from './attach.ts'
import { approveAutomatically } from './auto.ts'
import { lookingWith } from './disk/looking.ts'
import { keepTidy, type Tidy, type TidyTimes } from './disk/tidy.ts'
import { framesApp, newSecret } from './frames.ts'
import { type Bridge, previewBridge } from './preview/bridge.ts'
import { openPreviews } from './preview/previews.ts'
import { type SeatKeys, seatKeysIn } from './seat-door/keys.ts'
import { openSeats } from './seat-door/seats.ts'
import { Own } from './settings.ts'
import { lend } from './steering/loan.ts'
import { tendStories } from './steering/tend.ts'
import { openStories, type Stories } from './stories.ts'
import { openTurns } from './turns.ts'

export type WebOptions = {
  bus: Bus
  log: Log
  signal: AbortSignal
  own: Own
  gateway?: ServiceConfig['gateway']
  store: ArtifactStore
  /** Where everything of this house lies. */
  dataDir: string
  /** How soon words that nobody heard are said again. */
  againMs?: number
  /** What reviewers over REST come in by, and where their runs are kept. */
  seats: { keys: SeatKeys; runsDir: string; aliveMs?: number; idleMs?: number }
  /** When what ended stories leave is looked after. */
  tidy?: Partial<TidyTimes> & { quietMs?: number }
  /** Where previews are checked out, and how long one runs that nobody looks at. */
  previews: { dir: string; idleMs?: number }
  env?: Record<string, string | undefined>
  now?: () => Date
  pageDir?: string
  /** How long a request waits for the bus. */
  patienceMs?: number
  /** What its file says now of `own.roleTokens`. */
  roleTokens?(): Promise<Own['roleTokens']>
  onReady?(): void
}

const PAGE_DIR = join(import.meta.dirname, '../../../ui/dist')
const PATIENCE_MS = 10_000
/** A seat nobody asks for over REST is left to whoever sits there on the bus. */
const IDLE_MS = 120_000

/** Serves until `signal` aborts. Listens at once, answers what needs the stories when they are folded. */
export async function serveWeb(options: WebOptions): Promise<void> {
  const { bus, log, own, store, env = process.env, now = () => new Date() } = options
  const { pageDir = PAGE_DIR, patienceMs = PATIENCE_MS } = options
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const approve = approveAutomatically({ log, signal, now, stories: () => stories })
  const loans = () => ({ bus, dataDir: options.dataDir, env, now, stories })
  const tending = tendStories({
    ...{ bus, log, signal, now, stories: () => stories, againMs: options.againMs },
    lend: (story) => lend(loans(), story),
  })
  const onChange = (story: Story) => {
    approve(story)
    tending.changed(story)
    if (story.status !== 'running') tidy?.moved(story.id)
  }
  let tidy: Tidy | null = null
  const stories: Stories & { ended: Promise<void> } = openStories({
    ...{ bus, log, signal, onChange },
    onLate: (id) => tidy?.moved(id),
  })
  const framesSecret = newSecret()
  const readTokens = async () => {
    own.roleTokens = (await options.roleTokens?.()) ?? own.roleTokens
  }
  const { dataDir, seats: doors } = options
  const turns = openTurns()
  const house = { own, bus, log, stories, turns, store, gateway: options.gateway, env, now, readTokens }
  const around = { bus, store, log, signal, turns, env, now, dataDir, runsDir: doors.runsDir }
  const disk = lookingWith({ ...around, own, stories, tidy: options.tidy })
  const web = { ...house, tending, dataDir, disk }

  try {
    const { keys, runsDir, aliveMs, idleMs = IDLE_MS } = options.seats
    await using seats = openSeats(keys, { log, signal, runsDir, aliveMs, idleMs })
    const door = { seats, stories }
    await using previews = openPreviews({ own, log, gateway: options.gateway, now, ...options.previews })
    await using _page = await listen(webApp({ ...web, pageDir, framesSecret, patienceMs, door, previews }), own.port)
    const bridge = previewBridge(own, previews)
    await using _frames = await listen(framesApp({ own, store, secret: framesSecret, log }), own.framesPort, bridge)
    const begun = stories.ready.then(async () => {
      await attachProject(stories, own, now())
      tidy = keepTidy(disk)
      options.onReady?.()
    })
    await Promise.race([stories.ended, Promise.all([begun, signal.aborted || once(signal, 'abort')])])
  } finally {
    stop.abort()
    await Promise.all([stories.ended, (tidy as Tidy | null)?.done]).catch(() => undefined)
  }
}

async function listen(app: Hono, port: number, bridge?: Bridge): Promise<AsyncDisposable> {
  const answer = getRequestListener(app.fetch)
  const server = createServer((asked, reply) => void (bridge?.request(asked, reply) || answer(asked, reply)))
  // Once upgraded, a connection is the server's to close no more.
  const upgraded = new Set<Duplex>()
  server.on('upgrade', (asked, socket, head) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
    if (bridge) bridge.upgrade(asked, socket, head)
    else socket.destroy()
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EADDRINUSE') throw cause
    throw new Refusal(
      `Port ${port} is taken.`,
      'Stop what listens there, or start Sluice again: it takes free ports.',
      {
        cause,
      },
    )
  })
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      for (const socket of upgraded) socket.destroy()
      await closed
    },
  }
}

if (import.meta.main)
  await runService('web', async ({ bus, config, log, signal, dataDir }) => {
    const own = Own.parse(config.own)
    const { gateway } = config
    const store = artifactStore(join(dataDir, 'artifacts'))
    const roleTokens = async () => Own.parse((await serviceConfig('web', dataDir)).own).roleTokens
    const onReady = () => log.info({ port: own.port }, 'ready')
    const seats = { keys: seatKeysIn(dataDir), runsDir: join(dataDir, 'runs') }
    const previews = { dir: join(dataDir, 'previews') }
    await serveWeb({ bus, log, signal, own, gateway, store, dataDir, seats, previews, roleTokens, onReady })
  })
