/** Everything web answers on the page's origin: REST, artifacts, the page. */
import { setTimeout } from 'node:timers/promises'
import type { Bus } from '@sluice/kit/bus.ts'
import type { ServiceConfig } from '@sluice/kit/config.ts'
import { readAll } from '@sluice/kit/follow.ts'
import { watchLine } from '@sluice/kit/line.ts'
import type { Log } from '@sluice/kit/log.ts'
import { readRuns } from '@sluice/kit/runs.ts'
import { traceOf } from '@sluice/kit/spans/story-trace.ts'
import type {
  Board,
  Commanded,
  Forecast,
  Interrupted,
  Money,
  Opened,
  ParkedView,
  Session,
  StoryEvents,
  Submitted,
} from '@sluice/proto/rest.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import { Hono } from 'hono'
import pack from '../package.json' with { type: 'json' }
import { onlyHost, onlyOrigin, onlyPerson } from './access.ts'
import { type ArtifactStore, artifactRoutes } from './artifacts.ts'
import { jsonOf, keyOf } from './body.ts'
import { runCommand } from './commands.ts'
import { contractNamed } from './contracts/printed.ts'
import { crewOf } from './crew.ts'
import type { Looking } from './disk/candidate.ts'
import { diskRoutes } from './disk/routes.ts'
import { enginesLookedAt } from './engines.ts'
import { streamEvents } from './event-stream.ts'
import { forkRoutes } from './forks/routes.ts'
import { framesAddress } from './frames.ts'
import { findInMemory, memoryState, showMemory, speakOfMemory } from './memory.ts'
import { modelsView } from './models.ts'
import { forecastFrom, moneyOf } from './money.ts'
import { pageRoutes } from './page.ts'
import { sendAgain, stillParked } from './parked.ts'
import { type Patience, patience } from './patience.ts'
import type { Previews } from './preview/previews.ts'
import { answerError, refuse } from './refused.ts'
import { runViews } from './runs.ts'
import { type SeatDoor, seatDoorRoutes } from './seat-door/door.ts'
import { seatRoutes } from './seats.ts'
import type { Own } from './settings.ts'
import { openEditor } from './steering/editor.ts'
import { interrupt } from './steering/interrupt.ts'
import { handBack } from './steering/loan.ts'
import { toldOf } from './steering/said.ts'
import type { Tending } from './steering/tend.ts'
import type { Stories } from './stories.ts'
import { submit } from './submit.ts'
import { screenOf, streamTerminal } from './terminal.ts'
import type { Turns } from './turns.ts'
import { tellPermission, typeKeys } from './typed.ts'
import { ledgerView, limitsView, servicesView } from './views.ts'

export type Web = {
  own: Own
  bus: Bus
  log: Log
  stories: Stories
  turns: Turns
  store: ArtifactStore
  tending: Tending
  /** Where worktrees lie. */
  dataDir: string
  gateway: ServiceConfig['gateway']
  /** Where the built page lies. */
  pageDir: string
  framesSecret: string
  env: Record<string, string | undefined>
  now: () => Date
  patienceMs: number
  /** Reads anew whose token is whose: seats change hands. */
  readTokens(): Promise<void>
  door: SeatDoor
  disk: Looking
  previews: Previews
}

export function webApp(web: Web): Hono {
  const { own, log } = web
  const app = new Hono()
  app.onError(answerError(log))
  app.use(onlyHost(`127.0.0.1:${own.port}`), onlyOrigin(own))
  // Before the person's own: a reviewer holds the token of its seat and no other.
  app.route('/api/seats', seatDoorRoutes(web.door))
  app.route('/api', api(web))
  app.route('/artifacts', artifactRoutes(own, web.store))
  app.route('/', pageRoutes(own, web.pageDir))
  return app
}

function api(web: Web): Hono<{ Variables: Patience }> {
  const { own, bus, stories, gateway } = web
  const runs = { bus, artifacts: web.store }
  const app = new Hono<{ Variables: Patience }>()
  app.use(onlyPerson(own), async (c, next) => {
    c.header('Cache-Control', 'no-store')
    await next()
  })
  app.get('/session', (c) => c.json(sessionOf(web)))
  app.get('/contracts/:document', async (c) => c.json(await contractNamed(c.req.param('document'))))
  app.route('/', seatRoutes(web))
  // To start an agent and greet it takes longer than anything else here.
  const engines = enginesLookedAt(web)
  app.get('/engines', async (c) => c.json(await engines()))

  app.route('/disk', diskRoutes(web))

  app.use(patience(web))
  app.post('/stories', async (c) => {
    const about = { key: keyOf(c), signal: c.get('late'), traceparent: c.req.header('traceparent') }
    const id = await submit(web, { body: await jsonOf(c), ...about })
    return c.json({ id } satisfies Submitted, 201)
  })
  // Before the commands: it becomes no event, and is the same again however often it is asked for.
  app.post('/stories/:id/preview', async (c) =>
    c.json(await web.previews.start(await storyNamed(web, c.req.param('id')))),
  )
  app.delete('/stories/:id/preview', async (c) =>
    c.json(await web.previews.stop(await storyNamed(web, c.req.param('id')))),
  )
  app.get('/stories/:id/preview', async (c) => c.json(web.previews.view(await storyNamed(web, c.req.param('id')))))
  app.post('/stories/:id/interrupt', async (c) => {
    const known = stories.get(c.req.param('id')) ?? refuse(404, 'There is no such story.', 'Name one of the board.')
    return c.json((await interrupt(bus, known.story, await jsonOf(c))) satisfies Interrupted)
  })
  app.post('/stories/:id/hand-back', async (c) => {
    const about = { storyId: c.req.param('id'), body: await jsonOf(c), key: keyOf(c), signal: c.get('late') }
    return c.json({ event: await handBack(web, about) } satisfies Commanded)
  })
  app.post('/stories/:id/open', async (c) => {
    const known = stories.get(c.req.param('id')) ?? refuse(404, 'There is no such story.', 'Name one of the board.')
    return c.json((await openEditor(known.story, own.editor)) satisfies Opened)
  })
  // Before the commands that need nothing but the story.
  app.route('/', forkRoutes(web))
  app.post('/stories/:id/:verb', async (c) => {
    const { id: storyId, verb } = c.req.param()
    const body = await jsonOf(c)
    const event = await runCommand(web, { verb, storyId, body, key: keyOf(c), signal: c.get('late') })
    if (verb === 'permit') await tellPermission(bus, stories.get(storyId)?.story ?? null, body)
    return c.json({ event, ...(await becomes(web, { storyId, verb, event })) } satisfies Commanded)
  })

  app.get('/stories', (c) => {
    const cards = stories.all().map(({ card }) => card)
    return c.json({ sequence: stories.sequence(), cards } satisfies Board)
  })
  app.use('/stories/:id/*', async (c, next) => {
    if (!stories.get(c.req.param('id') ?? '')) refuse(404, 'There is no such story.', 'Name one of the board.')
    await next()
  })
  app.get('/stories/:id/events', async (c) => {
    const events = await readAll(bus, `story.${c.req.param('id')}.>`)
    return c.json({ sequence: events.at(-1)?.sequence ?? 0, events } satisfies StoryEvents)
  })
  app.get('/stories/:id/runs', async (c) => c.json(runViews(await readRuns(runs, c.req.param('id')))))
  app.get('/stories/:id/terminal', (c) => streamTerminal(c, web, c.req.param('id')))
  app.post('/stories/:id/runs/:source/:runId/keys', async (c) => {
    const { id: storyId, source, runId } = c.req.param()
    return c.json(await typeKeys(bus, { storyId, source, runId }, await jsonOf(c)))
  })
  app.get('/stories/:id/runs/:source/:runId/screen', async (c) => {
    const { id: storyId, source, runId } = c.req.param()
    return c.json(await screenOf(web, { storyId, source, runId }))
  })
  app.get('/stories/:id/trace', async (c) => {
    const id = c.req.param('id')
    // In this order: what a run wrote before it answered is in its journal when the answer is in the log.
    const events = (await readAll(bus, `story.${id}.>`)).map(({ event }) => event)
    const trace = traceOf(events, await readRuns(runs, id))
    if (c.req.query('as') !== 'otlp') return c.json(trace)
    // Few ask for it, and the encoder takes a while to load.
    const { otlpJson } = await import('@sluice/kit/otlp/json.ts')
    return c.body(otlpJson(trace, web.now().getTime()), 200, { 'Content-Type': 'application/json' })
  })

  const line = watchLine(bus)
  app.get('/events', (c) => streamEvents(c, { ...web, line }))

  app.get('/services', async (c) => c.json(await servicesView(bus)))
  app.get('/ledger', async (c) => c.json(await ledgerView(gateway, c.req.query('storyId'))))
  const cards = () => stories.all().map(({ card }) => card)
  const projectId = own.project.id
  app.get('/money', async (c) => {
    const entries = await ledgerView(gateway)
    return c.json(moneyOf({ entries, cards: cards(), scripted: own.engine.scripted, projectId }) satisfies Money)
  })
  app.get('/forecast', async (c) => {
    const entries = await ledgerView(gateway)
    return c.json(forecastFrom({ entries, cards: cards(), projectId }) satisfies Forecast)
  })
  app.get('/limits', async (c) => c.json(await limitsView(gateway)))
  app.get('/models', async (c) => c.json(await modelsView(web)))
  app.get('/memory', async (c) => c.json(await findInMemory(web, c.req.query('q') ?? '')))
  app.get('/memory-state', async (c) => c.json(await memoryState(web)))
  app.get('/memory/:entry', async (c) => c.json(await showMemory(web, c.req.param('entry'))))
  app.post('/memory/:name/:verb', async (c) => {
    const spoken = { ...c.req.param(), body: await jsonOf(c), key: keyOf(c), signal: c.get('late') }
    return c.json({ event: await speakOfMemory(web, spoken) } satisfies Commanded)
  })
  app.get('/parked', (c) => c.json(stillParked(stories).map(({ request: _, ...view }) => view satisfies ParkedView)))
  app.post('/parked/:sequence/resend', async (c) => {
    await sendAgain(web, { sequence: Number(c.req.param('sequence')), key: keyOf(c), signal: c.get('late') })
    return c.body(null, 204)
  })
  app.all('*', () => refuse(404, 'REST knows no such address.', 'GET /api/contracts/openapi.json lists what it knows.'))
  return app
}

/** Folded anew once it has ended: then it is not kept. */
async function storyNamed({ stories, bus }: Web, id: string): Promise<Story> {
  const known = stories.get(id) ?? refuse(404, 'There is no such story.', 'Name one of the board.')
  if (known.story) return known.story
  const events = await readAll(bus, `story.${id}.>`)
  const story = events.reduce<Story | null>((folded, { event }) => evolve(folded, event), null)
  return story ?? refuse(404, 'There is no such story.', 'Name one of the board.')
}

/** Who is at work has some seconds to hear it; afterwards it is told again, and the page sees when it was heard. */
const HEAR_MS = 6_000
const steering: ReadonlySet<string> = new Set(['steer', 'attach', 'pause', 'stop', 'take'])

async function becomes(
  { stories, tending }: Web,
  { storyId, verb, event }: { storyId: string; verb: string; event: string },
) {
  if (!steering.has(verb)) return {}
  const late = setTimeout(HEAR_MS, new Map<string, string>(), { ref: false })
  const refused = await Promise.race([tending.once(storyId), late])
  return toldOf(stories.get(storyId)?.story ?? null, { verb, event, refused })
}

const ANTHROPIC = 'https://api.anthropic.com'

function sessionOf({ own, framesSecret, stories }: Web): Session {
  const { bus, project, engine, jail, budgetUsd, demoStories } = own
  return {
    ...{ version: pack.version, bus, project, engine, jail, budgetUsd },
    frames: framesAddress(own, framesSecret),
    foreignUpstream: engine.upstream.replace(/\/+$/, '') !== ANTHROPIC,
    ...{ engines: own.engines, crew: crewOf(own, stories.project(project.id)) },
    demo: demoStories && { stories: demoStories },
  }
}
