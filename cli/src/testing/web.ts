/** A real web server that speaks `proto/src/rest.ts` from a log of events, and writes down what it is told. */
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { processStart } from '@sluice/kit/process.ts'
import { cardOf } from '@sluice/proto/card.ts'
import { subjectOf } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import type {
  DiskEntry,
  Forecast,
  LimiterView,
  MemoryEntryView,
  Problem,
  RunView,
  SeatView,
  ServiceView,
  Span,
} from '@sluice/proto/rest.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import type { TermEvent } from '@sluice/proto/term.ts'
import { Hono } from 'hono'

export type Told = { method: string; path: string; body: unknown; key: string | undefined }

type Answers = {
  refuse: { status: 400 | 409; problem: Problem } | null
  spans: Span[]
  services: ServiceView[]
  limits: LimiterView
  seats: SeatView[]
  frames: TermEvent[]
  memory: MemoryEntryView[]
  runs: RunView[]
  disk: DiskEntry[]
}

export type TestWeb = Awaited<ReturnType<typeof startWeb>>

const free: LimiterView = { calls: 8, underWay: 0, waiting: 0, held: [], windows: [] }
const TOKEN = 'a-token-of-the-person'

/** `stories` may be changed meanwhile; `data` is the SLUICE_DATA under which the command line finds it. */
export async function startWeb(stories: Map<string, Event[]> = new Map()) {
  const told: Told[] = []
  let read = 0
  const artifacts = new Map<string, string>()
  const answers: Answers = {
    refuse: null,
    spans: [],
    services: [],
    limits: free,
    seats: [],
    frames: [],
    memory: [],
    runs: [],
    disk: [],
  }
  const app = new Hono()
  app.use(async (c, next) => {
    if (c.req.header('authorization') === `Bearer ${TOKEN}`) return await next()
    return c.json({ error: 'This is not your session.', mend: 'Take the token of this run.' } satisfies Problem, 401)
  })
  app.get('/api/stories', (c) => {
    const cards = [...stories.values()].map((events) => cardOf(folded(events), events.length))
    return c.json({ sequence: cards.length, cards })
  })
  app.get('/api/stories/:id/events', (c) => {
    read += 1
    const events = stories.get(c.req.param('id')) ?? []
    return c.json({
      sequence: events.length,
      events: events.map((event, i) => ({ sequence: i + 1, subject: subjectOf(event), event })),
    })
  })
  app.get('/api/stories/:id/terminal', (c) => {
    const frames = answers.frames.map((frame) => `event: frame\ndata: ${JSON.stringify(frame)}\n\n`)
    return c.body(`event: alive\ndata: \n\n${frames.join('')}`, 200, { 'content-type': 'text/event-stream' })
  })
  app.get('/api/stories/:id/trace', (c) =>
    c.json(
      c.req.query('as') === 'otlp'
        ? { resourceSpans: [] }
        : { storyId: c.req.param('id'), traceId: 'a'.repeat(32), spans: answers.spans },
    ),
  )
  app.get('/api/forecast', (c) => c.json({ stories: 2, least: 5, total: null, stages: [] } satisfies Forecast))
  app.get('/api/limits', (c) => c.json(answers.limits))
  app.get('/api/stories/:id/runs', (c) => c.json(answers.runs))
  app.get('/api/disk', (c) => c.json({ dir: '/data', bytes: sizeOf(answers.disk), goes: 0, entries: answers.disk }))
  app.get('/api/services', (c) => c.json(answers.services))
  app.get('/api/memory', (c) => c.json(answers.memory.map((entry) => ({ ...entry, score: 1 }))))
  app.get('/api/memory/:entry', (c) => c.json(answers.memory[0]))
  app.get('/artifacts/:hash', (c) => c.text(artifacts.get(c.req.param('hash')) ?? '', 200))
  app.get('/api/reviewers', (c) => c.json(answers.seats))
  app.put('/artifacts/:hash', async (c) => {
    artifacts.set(c.req.param('hash'), await c.req.text())
    return c.json({})
  })
  app.post('/api/stories/:id/interrupt', async (c) => {
    told.push({ method: 'POST', path: c.req.path, body: await c.req.json(), key: undefined })
    return c.json({ role: 'implementer', request: 'a-request-id' })
  })
  app.on(['POST', 'DELETE'], '*', async (c) => {
    const { method, path } = c.req
    const body = method === 'POST' ? await c.req.json() : null
    told.push({ method, path, body, key: c.req.header('idempotency-key') })
    if (answers.refuse) return c.json(answers.refuse.problem, answers.refuse.status)
    if (method === 'DELETE') return c.body(null, 204)
    if (path.endsWith('/scale')) return c.json(answers.services)
    if (path === '/api/disk/clear') return c.json(clearedOf(answers.disk))
    if (path.startsWith('/api/reviewers')) return c.json(seatOf(body))
    return c.req.path === '/api/stories' ? c.json({ id: 's1' }, 201) : c.json({ event: 'an-event-id' })
  })

  const server = createAdaptorServer({ fetch: app.fetch })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const data = await mkdtemp(join(tmpdir(), 'slc-cli-'))
  const close = async () => {
    if (server.listening) await once(server.close(), 'close')
  }
  await writeHouse(data, { origin })
  return {
    ...{ stories, told, artifacts, answers, origin, data, close },
    /** How often the log of a story was asked for. */
    get read() {
      return read
    },
    async [Symbol.asyncDispose]() {
      await close()
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** As it stands once it has been asked for. */
const seatOf = ({ seat = 'security', sitting }: Pick<SeatView, 'seat' | 'sitting'>): SeatView => ({
  ...{ seat, sitting, required: true, state: 'unknown', pending: 0, file: `/data/seats/${seat}.json` },
})

export const folded = (events: Event[]): Story => {
  const story = events.reduce<Story | null>(evolve, null)
  if (!story) throw new Error('These events begin no story.')
  return story
}

type HouseFile = {
  origin: string
  which?: 'demo' | 'work'
  root?: string
  token?: string
  pid?: number
  start?: string
}

/** What a running house leaves in the data directory; the process it names is this one unless said otherwise. */
export async function writeHouse(data: string, house: HouseFile): Promise<void> {
  const { origin, which = 'demo', root = '/r', token = TOKEN, pid = process.pid } = house
  const start = house.start ?? processStart(pid) ?? ''
  const dir = join(data, which)
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'token'), `${token}\n`)
  await writeFile(
    join(dir, 'house.json'),
    JSON.stringify({ pid, start, origin, projectId: 'p1', root, demo: which === 'demo' }),
  )
}

const sizeOf = (entries: readonly DiskEntry[]): number => entries.reduce((sum, { bytes }) => sum + bytes, 0)

/** The first that may go goes; every other one turns out to be in use. */
function clearedOf(disk: readonly DiskEntry[]) {
  const [removed, ...stayed] = disk.filter(({ goes }) => goes)
  return {
    bytes: removed?.bytes ?? 0,
    removed: removed ? [removed] : [],
    stayed: stayed.map((one) => ({ ...one, goes: false, why: 'zsh (process 7) is in it.' })),
  }
}
