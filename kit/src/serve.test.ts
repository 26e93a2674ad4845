/** What happens to a request when the role that has it fails, dies, sleeps or is told to stop. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Envelope } from '@sluice/proto/event.ts'
import { type Event, Scope, ScopeRequested } from '@sluice/proto/events.ts'
import { noUsage } from '@sluice/proto/parts.ts'
import pino from 'pino'
import { expect, test } from 'vitest'
import { type Bus, readMessage } from './bus.ts'
import { Pause, TerminalError } from './errors.ts'
import { readJournal } from './journal.ts'
import { revokeLease } from './lease.ts'
import { completed } from './outcome.ts'
import { type CompletedData, defineRole, type Role } from './role.ts'
import { MAX_FAILURES, MAX_SILENT_ATTEMPTS, type ServeOptions, serve } from './serve.ts'
import { startBroker, type TestBroker } from './testing/broker.ts'
import { memoryOf, scopeRequested } from './testing/fixtures.ts'
import { newVitals } from './vitals.ts'
import type { Workshop } from './workshop.ts'

type Scoped = CompletedData<typeof Scope.completed>
const scoped: Scoped = {
  requirements: {
    title: 't',
    userStories: ['u'],
    criteria: [{ id: 'C1', text: 'c' }],
    outOfScope: [],
    assumptions: [],
    contradictions: [],
  },
  document: { sha256: 'b'.repeat(64), bytes: 1, mediaType: 'text/markdown', name: 'requirements.md' },
}

type Answering = Role<typeof ScopeRequested, typeof Scope.completed>['answer']
const analyst = (answer: Answering) =>
  defineRole({ name: 'analyst', takes: ScopeRequested, gives: Scope, says: [Scope.paused], uses: [], answer })

test('answers, and forgets the request only after the answer is recorded', async () => {
  await using world = await open()
  world.serve(async () => completed(scoped))

  await world.ask(scopeRequested('s1'))

  const answer = await world.next('scope.completed')
  expect(answer.data).toMatchObject({ attempt: expect.any(Number), document: scoped.document })
  await expect.poll(world.pending).toBe(0)
})

test('an answer that was recorded but never said is said again, without doing the work twice', async () => {
  await using world = await open()
  let worked = 0
  const silent = await world.replica({ publishFails: true })
  silent.serve(async () => {
    worked++
    return completed(scoped)
  })
  await world.ask(scopeRequested('s1'))
  await silent.recorded('s1', 'answer')
  await silent.die()

  world.serve(async () => {
    worked++
    return completed(scoped)
  })

  await world.next('scope.completed')
  expect(worked).toBe(1)
})

test('a replica that sleeps past its lease can neither write nor answer when it wakes', async () => {
  await using world = await open()
  const woken = Promise.withResolvers<void>()
  const refused = Promise.withResolvers<unknown>()
  const sleeper = await world.replica({})
  sleeper.serve(async (_, { run }) => {
    await woken.promise
    await run.append('note', { text: 'I slept' }).catch(refused.resolve)
    await run.fence().catch(refused.resolve)
    return completed({ ...scoped, document: { ...scoped.document, name: 'stale.md' } })
  })
  await world.ask(scopeRequested('s1'))
  await sleeper.recorded('s1', 'started')
  sleeper.stopHeart()

  world.serve(async () => completed(scoped))
  const answer = await world.next('scope.completed')
  woken.resolve()

  expect(await refused.promise).toMatchObject({ name: 'LeaseLost' })
  expect(answer.data).toMatchObject({ document: { name: 'requirements.md' } })
  const { attempts } = await world.journal('s1')
  expect(attempts).toHaveLength(2)
  expect((answer.data as { attempt: number }).attempt).toBe(attempts[1])
})

test('a replica that sleeps past its lease cannot speak in between either', async () => {
  await using world = await open()
  const woken = Promise.withResolvers<void>()
  const said = Promise.withResolvers<unknown>()
  const sleeper = await world.replica({})
  sleeper.serve(async ({ id: request }, { say }) => {
    await woken.promise
    const worker = { attempt: 1, occupant: { program: 'analyst', version: '0' }, usage: noUsage }
    const waiting = { kind: 'account', problem: 'I slept.' } as const
    await say(Scope.paused, { request, ...worker, waiting }).then(said.resolve, said.resolve)
    return completed(scoped)
  })
  await world.ask(scopeRequested('s1'))
  await sleeper.recorded('s1', 'started')
  sleeper.stopHeart()

  world.serve(async () => completed(scoped))
  await world.next('scope.completed')
  woken.resolve()

  expect(await said.promise).toMatchObject({ name: 'LeaseLost' })
})

test('what an earlier attempt left running is ended before the role works', async () => {
  await using world = await open()
  const order: string[] = []
  const replica = await world.replica({ endProcesses: async () => void order.push('ended') })
  replica.serve(async () => {
    order.push('worked')
    return completed(scoped)
  })

  await world.ask(scopeRequested('s1'))
  await world.next('scope.completed')

  expect(order).toEqual(['ended', 'worked'])
})

test('errors are counted by the role, and the last one is the reason', async () => {
  await using world = await open()
  world.serve(async () => {
    throw new Error('no luck')
  })

  await world.ask(scopeRequested('s1'))

  const answer = await world.next('scope.failed', 60_000)
  expect(answer.data).toMatchObject({ reason: `Failed ${MAX_FAILURES} times, last: no luck` })
}, 60_000)

test('a terminal error fails at once; a wait is a pause that pins no replica', async () => {
  await using world = await open()
  const waiting = { kind: 'account', problem: 'The key was refused.' } as const
  world.serve(async (request) => {
    if (request.data.text === 'never') throw new TerminalError('It cannot be done.')
    throw new Pause(waiting)
  })

  await world.ask(scopeRequested('s1', 'never'))
  await world.ask(scopeRequested('s2', 'wait'))

  expect((await world.next('scope.failed')).data).toMatchObject({ reason: 'It cannot be done.' })
  expect((await world.next('scope.paused')).data).toMatchObject({ waiting })
  await expect.poll(world.pending).toBe(0)
})

test('a run that was parked is gone on with, and parked again from there too', async () => {
  await using world = await open()
  const seen: unknown[] = []
  const dirs = new Set<string>()
  world.serve(async (request, { run }) => {
    seen.push(run.earlier.flatMap(({ kind, data }) => (kind === 'note' ? [data] : [])))
    dirs.add(run.dir)
    await run.append('note', { text: request.data.text })
    throw new Pause({ kind: 'budget', spentUsd: 1, neededUsd: 2, budgetUsd: 1 })
  })
  const after = (request: Envelope, text: string) => {
    const next = scopeRequested('s1', text, seen.length)
    return { ...next, data: { ...(next.data as object), continues: { analyst: request.id, designer: 'another-run' } } }
  }

  const first = scopeRequested('s1', 'one')
  await world.ask(first)
  await expect.poll(() => seen.length).toBe(1)
  const second = after(first, 'two')
  await world.ask(second)
  await expect.poll(() => seen.length).toBe(2)
  await world.ask(after(second, 'three'))

  await expect.poll(() => seen).toEqual([[], [{ text: 'one' }], [{ text: 'one' }, { text: 'two' }]])
  expect(dirs.size).toBe(1)
})

test('a parked run that goes on with another model begins its conversation anew, and says so', async () => {
  await using world = await open()
  const seen: string[][] = []
  const replica = await world.replica({
    choiceFor: ({ data }) => ({ engine: 'anthropic', model: 'choices' in data ? 'another' : 'one' }),
  })
  replica.serve(async (_, { run }) => {
    seen.push([...run.earlier, ...run.entries()].map(({ kind, data }) => (data as { text?: string }).text ?? kind))
    await run.append('prompt', { text: 'asked' })
    throw new Pause({ kind: 'budget', spentUsd: 1, neededUsd: 2, budgetUsd: 1 })
  })
  const first = scopeRequested('s1')
  await world.ask(first)
  await expect.poll(() => seen.length).toBe(1)
  const next = scopeRequested('s1', 'again', 1)
  const data = {
    ...(next.data as object),
    continues: { analyst: first.id },
    choices: { analyst: { model: 'another' } },
  }

  await world.ask({ ...next, data })

  await expect.poll(() => seen.length).toBe(2)
  expect(seen[1]).not.toContain('asked')
  expect(seen[1]?.at(-1)).toMatch(
    /^The conversation is begun anew: it was with anthropic, one, and goes on with anthropic, another\./,
  )
})

test('a request under which five processes died without a word is parked, and says so', async () => {
  await using world = await open()
  await world.ask(scopeRequested('s1'))
  for (let i = 0; i < MAX_SILENT_ATTEMPTS; i++) {
    const dying = await world.replica({})
    dying.serve(() => new Promise(() => undefined))
    await dying.recorded('s1', 'started', i + 1)
    await dying.die()
  }

  world.serve(async () => completed(scoped))

  expect((await world.next('scope.failed')).data).toMatchObject({ parked: true })
}, 60_000)

test('a message nobody can read is parked with its reason, and the next one is served', async () => {
  await using world = await open()
  world.serve(async () => completed(scoped))

  await world.orchestrator.js.publish('story.s1.scope.requested.orchestrator', '{"not":"an envelope"}')
  await world.ask(scopeRequested('s2'))

  expect((await world.next('message.parked')).data).toMatchObject({ subject: 'story.s1.scope.requested.orchestrator' })
  expect((await world.next('scope.completed')).storyId).toBe('s2')
  await expect.poll(world.pending).toBe(0)
})

test('who takes over another’s seat begins its own conversation, and its verdict says who it is', async () => {
  await using world = await open()
  const first = await world.replica({})
  first.serve(async (_, { run, signal }) => {
    await run.append('prompt', { text: 'asked by the first' })
    return new Promise((_, give) => signal.addEventListener('abort', () => give(signal.reason)))
  })
  await world.ask(scopeRequested('s1'))
  await first.recorded('s1', 'prompt')
  await first.leave()
  const seen: string[] = []
  const second = await world.replica({ program: 'another' })

  second.serve(async (_, { run, source }) => {
    seen.push(source, ...run.entries().map(({ kind }) => kind))
    return completed(scoped)
  })

  const { data } = await world.next('scope.completed')
  expect(seen).toEqual(['analyst', 'started', 'stopped', 'started'])
  expect(data).toMatchObject({ occupant: { program: 'another', version: '0' } })
})

test('how many requests it has in hand stands in its log', async () => {
  await using world = await open()
  const replica = await world.replica({})
  replica.serve(async () => completed(scoped))

  await world.ask(scopeRequested('s1'))

  const busy = () => replica.logged.flatMap((line) => line.busy ?? [])
  await expect.poll(busy).toEqual([1, 0])
  expect(replica.vitals).toEqual({ busy: 0, handled: 1, lastError: null })
})

test('a role that is told to stop while nothing is asked leaves at once', async () => {
  await using world = await open()
  const leaving = await world.replica({})
  leaving.serve(async () => completed(scoped))
  await world.ask(scopeRequested('s1'))
  await world.next('scope.completed')
  const told = performance.now()

  await leaving.leave()

  // The broker would have kept it waiting for five seconds.
  expect(performance.now() - told).toBeLessThan(2_000)
})

test('a request whose lease was revoked is not begun, and a running one is stopped', async () => {
  await using world = await open()
  let begun = 0
  await revokeLease(world.orchestrator, 'analyst', scopeRequested('s1').id, 'cancelled')
  world.serve(async () => {
    begun++
    return completed(scoped)
  })

  await world.ask(scopeRequested('s1'))
  await world.ask(scopeRequested('s2'))

  expect((await world.next('scope.completed')).storyId).toBe('s2')
  expect(begun).toBe(1)
})

// ── the world of these tests ─────────────────────────────────────────────────

const ACK_WAIT_MS = 1_000
type Faults = {
  publishFails?: boolean
  program?: string
  endProcesses?: ServeOptions['endProcesses']
  choiceFor?: ServeOptions['choiceFor']
}
type Shape = Role<typeof ScopeRequested, typeof Scope.completed>

async function open() {
  const broker = await startBroker([analyst(async () => completed(scoped))], { ackWaitMs: ACK_WAIT_MS })
  const orchestrator = await broker.connect('orchestrator')
  const watcher = await broker.connect('supervisor')
  const seen: Event[] = []
  const waiting = new Set<() => void>()
  const consumer = await watcher.js.consumers.get('STORY', {})
  const messages = await consumer.consume()
  void (async () => {
    for await (const message of messages) {
      const parsed = readMessage(message)
      if (parsed.kind === 'event') seen.push(parsed.event)
      for (const wake of waiting) wake()
    }
  })()
  const replicas: Awaited<ReturnType<typeof replicaOf>>[] = []
  const replica = async (faults: Faults) => {
    const made = await replicaOf(broker, faults)
    replicas.push(made)
    return made
  }
  const main = await replica({})

  return {
    orchestrator,
    replica,
    serve: main.serve,
    ask: (event: Envelope) => orchestrator.publish(event),
    async next(type: string, withinMs = 15_000): Promise<Event> {
      const until = Date.now() + withinMs
      for (;;) {
        const found = seen.find((event) => event.type === type)
        if (found) return found
        if (Date.now() > until) throw new Error(`No ${type}; seen: ${seen.map((e) => e.type).join(', ')}`)
        await new Promise<void>((resolve) => {
          waiting.add(resolve)
          setTimeout(resolve, 200)
        })
      }
    },
    async pending(): Promise<number> {
      const info = await (await watcher.js.consumers.get('STORY', 'take-analyst')).info()
      return info.num_pending + info.num_ack_pending
    },
    async journal(storyId: string) {
      const entries = await readJournal(await broker.connect('analyst'), storyId, scopeRequested(storyId).id)
      return { attempts: entries.filter((e) => e.kind === 'started').map((e) => e.attempt) }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(replicas.map((r) => r.die()))
      await messages.close()
      await broker[Symbol.asyncDispose]()
    },
  }
}

const noWorkshop: Workshop = {
  ...{ dataDir: tmpdir(), copy: [] },
  jailed: () => Promise.reject(new Error('no jail here')),
  browser: () => Promise.reject(new Error('no browser here')),
  liveTerminal: async () => null,
  started: () => undefined,
  serve: () => ({ [Symbol.dispose]: () => undefined }),
  watch: () => ({ [Symbol.dispose]: () => undefined }),
  [Symbol.asyncDispose]: async () => undefined,
}

/** One process of the role, as far as the bus can tell: a connection of its own that can die or fall silent. */
async function replicaOf(broker: TestBroker, faults: Faults) {
  const { publishFails = false, program = 'analyst', endProcesses = async () => undefined, choiceFor } = faults
  const real = await broker.connect('analyst')
  const stop = new AbortController()
  let heart = true
  let served: Promise<void> | undefined
  const logged: { busy?: number }[] = []
  const vitals = newVitals()
  const bus: Bus = {
    ...real,
    publish: (event, options) => (publishFails ? new Promise(() => undefined) : real.publish(event, options)),
  }
  return {
    logged,
    vitals,
    serve(answer: Shape['answer']) {
      const options: ServeOptions = {
        bus: { ...bus, taking: withHeart(bus, () => heart) },
        log: pino({}, { write: (line: string) => logged.push(JSON.parse(line)) }),
        signal: stop.signal,
        runsDir: join(tmpdir(), `slc-runs-${process.pid}`),
        version: '0',
        program,
        ackWaitMs: ACK_WAIT_MS,
        means: async () => ({
          agent: { run: () => Promise.reject(new Error('no agent here')) },
          memory: memoryOf(),
          workshop: noWorkshop,
          artifacts: { put: () => Promise.reject(new Error('none')), get: () => Promise.reject(new Error('none')) },
          [Symbol.asyncDispose]: async () => undefined,
        }),
        endProcesses,
        ...(choiceFor && { choiceFor }),
        vitals,
      }
      served = serve(analyst(answer), options)
    },
    /** Told to stop, as by SIGTERM; resolves when it has left. */
    async leave() {
      stop.abort(new Error('SIGTERM'))
      await served
    },
    stopHeart() {
      heart = false
    },
    /** Resolves when this run's journal holds the nth entry of a kind. */
    async recorded(storyId: string, kind: string, nth = 1) {
      await expect
        .poll(
          async () =>
            (await readJournal(real, storyId, scopeRequested(storyId).id)).filter((e) => e.kind === kind).length,
          { timeout: 15_000 },
        )
        .toBeGreaterThanOrEqual(nth)
    },
    async die() {
      heart = false
      await real.nc.close()
      stop.abort()
    },
  }
}

/** The same hands, whose requests stop giving signs of life when told to. */
function withHeart(bus: Bus, beats: () => boolean): Bus['taking'] {
  return (durable) => {
    const taking = bus.taking(durable)
    return {
      async next(expiresMs) {
        const message = await taking.next(expiresMs)
        return message && { ...message, working: () => (beats() ? message.working() : undefined) }
      },
      [Symbol.dispose]: () => taking[Symbol.dispose](),
    }
  }
}
