/** A trial: a private broker and web on a sample repository, and everything a reviewer is asked and says there. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { artifactStore } from '@sluice/kit/artifacts.ts'
import { type Bus, connectBus, inboxOf, jetstreamManager } from '@sluice/kit/bus.ts'
import { serviceConfig, serviceFile } from '@sluice/kit/config.ts'
import { Refusal } from '@sluice/kit/errors.ts'
import { durableOf } from '@sluice/kit/permissions.ts'
import type { Repository } from '@sluice/kit/repository.ts'
import type { Finding } from '@sluice/proto/parts.ts'
import { SeatFile } from '@sluice/proto/seat.ts'
import { type House, openHouse } from '../house.ts'
import { makePrivateDir, writePrivate } from '../private-file.ts'
import type { Heard } from './answer.ts'
import { type Request, requestOf } from './request.ts'
import { makeSamples, type Sample, type SampleName } from './samples.ts'

/** `again`: deliveries beyond the first of a request. */
export type Hand = { inHand: number; waiting: number; deliveries: number; again: number }
export type Asked = { request: Request; at: number }

export type Trial = AsyncDisposable & {
  seat: string
  withinMs: number
  seatFile: string
  /** What a command in this seat has in its environment. */
  env: Record<string, string>
  repository: Repository
  ask(name: SampleName, more?: { seats?: string[]; earlier?: Finding[] }): Promise<Asked>
  /** The same request once more, as one that was parked is sent again. */
  askAgain(asked: Asked): Promise<void>
  garbage(): Promise<void>
  /** Everything it said about this request so far. */
  heard(asked: Asked): Heard[]
  hand(): Promise<Hand>
  /** Whether it came true in time. */
  until(is: () => boolean | Promise<boolean>, ms: number): Promise<boolean>
}

/** Short, so that a reviewer that gives no sign of life is seen within seconds. */
export const ACK_WAIT_MS = 5_000
const POLL_MS = 50

export async function openTrial(seat: string, withinMs: number): Promise<Trial> {
  await using stack = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'sluice-check-'))
  stack.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 5 }))
  const [dataDir, root] = [join(dir, 'data'), join(dir, 'repository')]
  const { repository, samples } = await makeSamples(root)
  makePrivateDir(dataDir)
  writePrivate(join(dataDir, 'seats.json'), JSON.stringify({ [seat]: { kind: 'external' } }))
  const house = stack.use(
    await openHouse({ dataDir, repository: root, only: ['web'], port: 0, ackWaitMs: ACK_WAIT_MS, upstream: nobody }),
  )
  await house.ready
  const file = await seatFileIn(dataDir, seat, house)
  const bus = stack.use(await connectBus(await serviceConfig('supervisor', dataDir)))
  const asking = await openAsking(bus, { seat, withinMs, root, samples, dataDir })
  const things = stack.move()
  return {
    ...{ seat, withinMs, repository, seatFile: file.path, env: envOf(file) },
    ...asking,
    hand: () => handOf(bus, seat, asking.published()),
    until,
    [Symbol.asyncDispose]: () => things.disposeAsync(),
  }
}

/** No model is asked here. */
const nobody = { url: 'http://127.0.0.1:9', key: 'none' }

type Place = { seat: string; withinMs: number; root: string; samples: Sample[]; dataDir: string }

async function openAsking(bus: Bus, { seat, withinMs, root, samples, dataDir }: Place) {
  const document = await artifactStore(join(dataDir, 'artifacts')).put('# Sample\n\nGreet whoever logs in.\n', {
    ...{ name: 'sample.md', mediaType: 'text/markdown' },
  })
  const all: Heard[] = []
  bus.nc.subscribe(`story.*.review.*.${seat}`, {
    callback(error, message) {
      const messageId = message.headers?.get('Nats-Msg-Id') || null
      if (!error) all.push({ subject: message.subject, text: message.string(), messageId, at: Date.now() })
    },
  })
  await bus.nc.flush()
  let [asked, published] = [0, 0]

  return {
    async ask(name: SampleName, { seats = [seat], earlier = [] }: { seats?: string[]; earlier?: Finding[] } = {}) {
      const sample = samples.find((one) => one.name === name)
      if (!sample) throw new Error(`There is no sample ${name}.`)
      const storyId = `check-${name}-${++asked}`
      const deadline = new Date(Date.now() + withinMs)
      const request = requestOf({ storyId, seats, judged: sample.judged, root, deadline, document, earlier })
      published++
      await bus.publish(request)
      return { request, at: Date.now() }
    },
    async askAgain({ request }: Asked) {
      published++
      await bus.js.publish(`story.${request.storyId}.review.requested.orchestrator`, JSON.stringify(request))
    },
    async garbage() {
      published += 3
      for (const text of ['This is no JSON.', '{"specversion":"1.0","id":"garbage-without-data"}', ''])
        await bus.js.publish(`story.check-garbage-${++asked}.review.requested.orchestrator`, text)
    },
    published: () => published,
    heard: ({ request }: Asked) => all.filter(({ subject }) => subject.startsWith(`story.${request.storyId}.`)),
  }
}

async function handOf(bus: Bus, seat: string, published: number): Promise<Hand> {
  const jsm = await jetstreamManager(bus.nc, { checkAPI: false })
  const { num_ack_pending, num_pending, delivered } = await jsm.consumers.info('STORY', durableOf(seat))
  const again = delivered.consumer_seq - published
  return { inHand: num_ack_pending, waiting: num_pending, deliveries: delivered.consumer_seq, again }
}

async function until(is: () => boolean | Promise<boolean>, ms: number): Promise<boolean> {
  const end = Date.now() + ms
  while (!(await is())) {
    if (Date.now() >= end) return false
    await after(POLL_MS)
  }
  return true
}

/** As the house writes it; a seat that is a service's too is made one from that service's file. */
async function seatFileIn(dataDir: string, seat: string, { origin }: House): Promise<{ path: string; file: SeatFile }> {
  const path = join(dataDir, 'seats', `${seat}.json`)
  if (existsSync(path)) return { path, file: SeatFile.parse(JSON.parse(readFileSync(path, 'utf8'))) }
  if (!existsSync(serviceFile(seat, dataDir)))
    throw new Refusal(`There is no seat ${seat}.`, 'Name one of checks, security, refactor, generic.')
  const { url, user, password, ackWaitMs, web } = await serviceConfig(seat, dataDir)
  const file: SeatFile = {
    seat,
    bus: {
      ...{ url: `nats://${url}`, user, password, inboxPrefix: inboxOf(user) },
      ...{ stream: 'STORY', consumer: durableOf(user), ackWaitMs },
    },
    rest: { url: origin, token: web?.token ?? '' },
  }
  makePrivateDir(join(dataDir, 'seats'))
  writePrivate(path, JSON.stringify(file, null, 2))
  return { path, file }
}

const envOf = ({ path, file: { seat, bus, rest } }: { path: string; file: SeatFile }): Record<string, string> => ({
  ...{ SLUICE_SEAT: seat, SLUICE_SEAT_FILE: path, SLUICE_URL: rest.url, SLUICE_TOKEN: rest.token },
  ...{ NATS_URL: bus.url, NATS_USER: bus.user, NATS_PASSWORD: bus.password },
})
