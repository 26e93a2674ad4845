/** Web as it runs, on a broker and a repository of its own, with everybody else's voice in the test's hands. */
import { mkdir, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { artifactStore } from '@sluice/kit/artifacts.ts'
import { type Bus, jetstreamManager } from '@sluice/kit/bus.ts'
import { engineNames } from '@sluice/kit/engines.ts'
import { readAll } from '@sluice/kit/follow.ts'
import { openLog } from '@sluice/kit/log.ts'
import type { RoleShape } from '@sluice/kit/permissions.ts'
import { record } from '@sluice/kit/record.ts'
import { freePort, startBroker } from '@sluice/kit/testing/broker.ts'
import { testRepository } from '@sluice/kit/testing/repository.ts'
import type { EventId } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import * as events from '@sluice/proto/events.ts'
import type { Finding, Judged } from '@sluice/proto/parts.ts'
import { defaultSeats } from '@sluice/proto/pipeline.ts'
import { defaultBuilds } from '@sluice/proto/project.ts'
import type { Board, Problem } from '@sluice/proto/rest.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import type { Own } from '../settings.ts'
import { serveWeb, type WebOptions } from '../web.ts'
import { answered, ask, digestOf, gateOpened, policyFrozen, type Said } from './sayings.ts'

export const token = 'slc_session-token-of-the-test'
/** What a reviewer of a seat holds. */
export const seatToken = (seat: string): string => `slc_token-of-the-seat-${seat}`
export const roleToken = 'slc_artifact-token-of-the-analyst'

const role = (name: string, takes: RoleShape['takes'], gives: RoleShape['gives']): RoleShape => ({
  ...{ name, takes, gives, uses: [] },
})
export const roles: RoleShape[] = [
  role('analyst', events.ScopeRequested, events.Scope),
  role('designer', events.DesignRequested, events.Design),
  role('architect', events.ArchitectureRequested, events.Architecture),
  role('implementer', events.BuildRequested, events.Build),
  ...['checks', 'security', 'refactor', 'generic'].map((seat) => role(seat, events.ReviewRequested, events.Review)),
]

export type Answer<T = unknown> = { status: number; body: T & Problem; headers: Headers }
export type World = Awaited<ReturnType<typeof webWorld>>

type More = Partial<Omit<WebOptions, 'seats'>> & { doorMs?: { aliveMs?: number; idleMs?: number } }

export async function webWorld(over: Partial<Own> = {}, { doorMs, ...more }: More = {}) {
  await using stack = new AsyncDisposableStack()
  const repo = stack.use(await testRepository())
  await repo.commit({ 'package.json': JSON.stringify({ scripts: { test: 'node --test' } }) })
  const broker = stack.use(await startBroker(roles))
  const own = await ownOf(repo.root, broker.websocket, over)
  const store = artifactStore(join(repo.dir, 'data', 'artifacts'))
  const buses = new Map<string, Promise<Bus>>()
  const bus = (user: string) => {
    const known = buses.get(user) ?? broker.connect(user)
    buses.set(user, known)
    return known
  }

  const origin = `http://127.0.0.1:${own.port}`
  const pageDir = join(repo.dir, 'page')
  await mkdir(pageDir)
  stack.defer(() => rm(pageDir, { recursive: true, force: true }))

  let stop = async () => {}
  async function start(): Promise<void> {
    const ending = new AbortController()
    const { promise: ready, resolve: onReady } = Promise.withResolvers<void>()
    const log = openLog('web', { write: () => {} })
    const seats = { ...seatsOf(broker.url, repo.dir), ...doorMs }
    const options = {
      seats,
      bus: await broker.connect('web'),
      log,
      signal: ending.signal,
      own,
      store,
      dataDir: join(repo.dir, 'data'),
      againMs: 50,
      pageDir,
      previews: { dir: join(repo.dir, 'previews') },
      env: repo.env,
    }
    const serving = serveWeb({ ...options, ...more, onReady })
    await Promise.race([ready, serving])
    stop = async () => {
      ending.abort()
      await serving
    }
  }
  await start()
  const things = stack.move()

  async function ask<T = unknown>(
    method: string,
    path: string,
    init: RequestInit & { json?: unknown } = {},
  ): Promise<Answer<T>> {
    const { json, ...rest } = init
    const body = json === undefined ? {} : { body: JSON.stringify(json) }
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) }
    const reply = await fetch(origin + path, { method, redirect: 'manual', ...rest, ...body, headers })
    const text = await reply.text()
    const isJson = reply.headers.get('content-type')?.includes('json')
    return { status: reply.status, body: (isJson ? JSON.parse(text) : text) as T & Problem, headers: reply.headers }
  }

  /** Returns when web has folded in what was said. */
  async function folded(sequence: number): Promise<void> {
    while ((await ask<Board>('GET', '/api/stories')).body.sequence < sequence);
  }

  async function say(storyId: string, said: Said): Promise<EventId> {
    const event = record({ ...said, n: said.n ?? 0, projectId: 'p1', storyId, now: new Date() })
    const { sequence } = await (await bus(said.source)).publish(event)
    await folded(sequence)
    return event.id
  }

  const log = async (storyId: string): Promise<Event[]> =>
    (await readAll(await bus('orchestrator'), `story.${storyId}.>`)).map(({ event }) => event)
  async function story(storyId: string): Promise<Story> {
    const folded = (await log(storyId)).reduce<Story | null>(evolve, null)
    if (!folded) throw new Error(`${storyId} was never submitted.`)
    return folded
  }

  /** Of all that was ever said. */
  const lastSequence = async () =>
    (await (await jetstreamManager((await bus('supervisor')).nc)).streams.info('STORY')).state.last_seq

  const world = { lastSequence, repo, broker, own, store, origin, pageDir, bus, ask, say, log, story, folded }
  return {
    ...world,
    /** A story of this text, submitted over REST: its id. */
    async submit(text = 'People lose their drafts.', json: object = {}): Promise<string> {
      const { status, body } = await ask<{ id: string }>('POST', '/api/stories', { json: { text, ...json } })
      if (status !== 201) throw new Error(JSON.stringify(body))
      return body.id
    },
    command: (id: string, verb: string, json: unknown, key?: string) =>
      ask<{ event: string }>('POST', `/api/stories/${id}/${verb}`, {
        json,
        ...(key ? { headers: { 'idempotency-key': key } } : {}),
      }),
    /** Ends web and starts it anew on the same data. */
    async restart(): Promise<void> {
      await stop()
      await start()
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await things.disposeAsync()
    },
  }
}

const seatsOf = (url: string, dir: string): WebOptions['seats'] => ({
  runsDir: join(dir, 'data', 'runs'),
  keys: async (seat) =>
    defaultSeats.some((name) => name === seat)
      ? { token: seatToken(seat), ackWaitMs: 30_000, bus: { url, user: seat, password: seat } }
      : null,
})

async function ownOf(root: string, bus: string, over: Partial<Own>): Promise<Own> {
  return {
    ...{ port: await freePort(), framesPort: await freePort(), token, roleTokens: { [roleToken]: 'analyst' } },
    project: { id: 'p1', name: 'drafts', root, base: 'main', demo: false },
    engine: { name: 'anthropic', model: 'claude-test', scripted: null, upstream: 'https://api.anthropic.com' },
    jail: { kind: 'bubblewrap', problem: null },
    preview: { egress: [], services: [], readable: [] },
    ...{ budgetUsd: 7, soft: 1, limits: {} },
    ...{ copy: [], worktree: { keepDays: 1, archiveMb: 200 } },
    builds: defaultBuilds,
    engines: engineNames(),
    bus: { url: bus, user: 'page', password: 'page', problem: null },
    choice: { engine: 'anthropic', model: 'claude-opus-5-5', roles: {} },
    agents: {},
    priced: [],
    demoStories: null,
    ...over,
  }
}

/** The story stands at this gate; every gate before was approved over REST. */
export async function toGate(
  world: World,
  id: string,
  gate: 'scope' | 'review',
  findings: Finding[] = [],
): Promise<EventId> {
  const { submitted } = await world.story(id)
  if (gate === 'scope') return (await scopeGate(world, id)).opened
  const review = await world.say(id, ask.review(submitted, await toBuilt(world, id)))
  for (const source of ['checks', 'refactor', 'generic']) await world.say(id, answered('review', review, { source }))
  const last = await world.say(id, answered('review', review, { source: 'security', findings }))
  return world.say(
    id,
    gateOpened(
      'review',
      last,
      0,
      findings.map((one) => one.id),
    ),
  )
}

async function scopeGate(world: World, id: string) {
  const { submitted } = await world.story(id)
  const scope = await world.say(id, ask.scope(submitted, submitted.event))
  const scoped = await world.say(id, answered('scope', scope))
  return { submitted, opened: await world.say(id, gateOpened('scope', scoped)) }
}

/** A build is asked for, every gate before was approved over REST: its request. */
export async function toBuild(world: World, id: string): Promise<EventId> {
  const { submitted } = await scopeGate(world, id)
  const policy = await world.say(id, policyFrozen(submitted, await approved(world, id, 'scope')))
  const design = await world.say(id, ask.design(submitted, policy))
  await world.say(id, gateOpened('design', await world.say(id, answered('design', design))))
  const plan = await world.say(id, ask.architecture(submitted, await approved(world, id, 'design')))
  await world.say(id, gateOpened('architecture', await world.say(id, answered('architecture', plan))))
  return world.say(id, ask.build(submitted, await approved(world, id, 'architecture')))
}

/** Its implementation is handed in: this commit, if it is one that must be there. */
export async function toBuilt(world: World, id: string, judged?: Judged): Promise<EventId> {
  const said = answered('build', await toBuild(world, id))
  return world.say(id, judged ? { ...said, data: { ...(said.data as object), judged } } : said)
}

async function approved(world: World, id: string, gate: string): Promise<EventId> {
  const { status, body } = await world.command(id, 'approve', { gate, digest: digestOf(gate) })
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body.event
}

/** One request as it goes over the wire: `fetch` chooses its own Host and tidies addresses. */
export function raw(
  port: number,
  path: string,
  { method = 'GET', headers = {} as Record<string, string>, body = '' } = {},
) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, headers }, async (reply) => {
      const chunks: Buffer[] = []
      for await (const chunk of reply) chunks.push(chunk)
      resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(chunks).toString() })
    })
    sent.on('error', reject).end(body)
  })
}
