/** Seats that change hands while a house runs: who may speak, what is asked of whom, what is refused. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Bus } from '@sluice/kit/bus.ts'
import { answerServices } from '@sluice/kit/srv.ts'
import type { SeatView, ServiceView } from '@sluice/proto/rest.ts'
import { expect, test, vi } from 'vitest'
import type { House } from '../house.ts'
import { environOf, processesOf } from '../testing/processes.ts'
import { reviewRequested, seatFileOf, sitDown, storyOf, takeNext, tell } from '../testing/seats.ts'
import { type TinyWorld, tinyWorld } from '../testing/tiny-world.ts'

type Opened = AsyncDisposable & { world: TinyWorld; house: House; web: Bus; orchestrator: Bus }

async function openBroker(): Promise<Opened> {
  await using stack = new AsyncDisposableStack()
  const world = stack.use(await tinyWorld())
  const house = stack.use(await world.open({ only: [] }))
  await house.ready
  const [web, orchestrator] = [stack.use(await world.connect('web')), stack.use(await world.connect('orchestrator'))]
  const things = stack.move()
  return { world, house, web, orchestrator, [Symbol.asyncDispose]: () => things.disposeAsync() }
}

const external = { kind: 'external' } as const
const command = (...words: string[]) => ({ kind: 'command', command: words, directory: '/' }) as const
const ended = (pid: number) => environOf(pid).PATH === undefined

test('an added seat is asked what comes after it, and adding it drops nobody', async () => {
  await using opened = await openBroker()
  const { world, web, orchestrator } = opened
  await using sitting = await world.connect('security')
  const dropped = vi.fn()
  void (async () => {
    for await (const { type } of sitting.nc.status()) if (type === 'disconnect') dropped()
  })()
  await orchestrator.publish(reviewRequested('before', ['acme']))

  const { seat } = await tell<{ seat: SeatView }>(web, 'seats', { do: 'add', seat: 'acme', sitting: external })

  await orchestrator.publish(reviewRequested('after', ['acme']))
  await using acme = await sitDown(world, 'acme')
  expect(storyOf(await takeNext(acme))).toBe('after')
  expect(seat).toMatchObject({ seat: 'acme', sitting: external, file: join(world.dataDir, 'seats', 'acme.json') })
  expect((statSync(seat.file).mode & 0o777).toString(8)).toBe('600')
  expect(await takeNext(sitting)).not.toBeNull()
  expect(dropped).not.toHaveBeenCalled()
})

test('whoever sits down from elsewhere is seen: that it asks for work, and what it says of itself', async () => {
  await using opened = await openBroker()
  const { world, web } = opened
  const state = async () => {
    const { seats } = await tell<{ seats: SeatView[] }>(web, 'seats', { do: 'list' })
    return seats.find(({ seat }) => seat === 'acme')?.state
  }
  await tell(web, 'seats', { do: 'add', seat: 'acme', sitting: external })
  const before = await state()
  await using acme = await sitDown(world, 'acme')
  const vitals = { busy: 1, handled: 2, lastError: null }
  answerServices(acme, { name: 'acme', version: '7.0.0', replica: '1', vitals })

  const asking = takeNext(acme, 5_000)

  await expect.poll(state).toBe('running')
  const { services } = await tell<{ services: ServiceView[] }>(web, 'services', {})
  expect(before).toBe('unknown')
  expect(services.find(({ name }) => name === 'acme')).toMatchObject({
    ...{ version: '7.0.0', state: 'running', alive: true, busy: 1, handled: 2 },
  })
  await asking
})

test('a seat that is swapped cuts off who sat there; what that one held comes at once, what it answered does not', async () => {
  await using opened = await openBroker()
  const { world, web, orchestrator } = opened
  await tell(web, 'seats', { do: 'swap', seat: 'security', sitting: external })
  const before = await sitDown(world, 'security')
  const closed = before.nc.closed()
  const token = seatFileOf(world, 'security').rest.token
  for (const story of ['one', 'two', 'three']) await orchestrator.publish(reviewRequested(story, ['security']))
  const [, second] = [await takeNext(before), await takeNext(before), await takeNext(before)]
  await second?.ackAck()

  await tell(web, 'seats', { do: 'swap', seat: 'security', sitting: external })

  await closed
  await using after = await sitDown(world, 'security')
  expect([storyOf(await takeNext(after)), storyOf(await takeNext(after)), await takeNext(after)]).toEqual([
    ...['one', 'three', null],
  ])
  expect(seatFileOf(world, 'security').rest.token).not.toBe(token)
  const { roleTokens } = world.config('web').own as { roleTokens: Record<string, string> }
  expect([roleTokens[token], roleTokens[seatFileOf(world, 'security').rest.token]]).toEqual([undefined, 'security'])
})

test('a command is kept running with what it needs and nothing else, and its last words are told', async () => {
  await using world = await tinyWorld()
  const env = { ...process.env, ANTHROPIC_API_KEY: 'sk-ant-not-for-seats' }
  await using house = await world.open({ only: [], env })
  await house.ready
  await using web = await world.connect('web')
  const script = 'echo went wrong >&2; sleep 600 & wait'
  await tell(web, 'seats', { do: 'add', seat: 'acme', sitting: command('sh', '-c', script) })
  const acme = () => house.pids().find(({ name }) => name === 'acme')
  await vi.waitUntil(() => acme()?.state === 'running', 15_000)
  const pid = acme()?.pid ?? 0
  const told = environOf(pid)

  process.kill(pid, 'SIGKILL')

  await vi.waitUntil(() => (acme()?.restarts ?? 0) > 0 && acme()?.state === 'running', 15_000)
  const { services } = await tell<{ services: ServiceView[] }>(web, 'services', {})
  expect(services.find(({ name }) => name === 'acme')).toMatchObject({
    restarts: 1,
    lastError: 'went wrong',
    pending: 0,
  })
  const { bus, rest } = seatFileOf(world, 'acme')
  expect(told).toMatchObject({
    ...{ SLUICE_SEAT: 'acme', SLUICE_SEAT_FILE: join(world.dataDir, 'seats', 'acme.json') },
    ...{ SLUICE_URL: rest.url, SLUICE_TOKEN: rest.token },
    ...{ NATS_URL: bus.url, NATS_USER: 'acme', NATS_PASSWORD: bus.password, PATH: process.env.PATH },
  })
  expect(Object.keys(told).filter((name) => /ANTHROPIC|SLUICE_DATA|SUPERVISED/.test(name))).toEqual([])
})

test('who sits where holds over a restart; gone, nothing that a command started is left', async () => {
  await using world = await tinyWorld()
  const first = await world.open({ only: ['acme'] })
  await first.ready
  await using web = await world.connect('web')
  await tell(web, 'seats', { do: 'add', seat: 'acme', sitting: command('sh', '-c', 'sleep 600 & wait') })
  await tell(web, 'scale', { name: 'acme', replicas: 2 })
  await first[Symbol.asyncDispose]()
  const left = processesOf(world.dataDir)

  await using again = await world.open({ only: ['acme'] })
  await again.ready

  expect(left).toEqual([])
  expect(again.pids().map(({ name, replica }) => `${name} ${replica}`)).toEqual(['broker 1', 'acme 1', 'acme 2'])
})

test('a reviewer of ours sits in another’s seat, under the seat’s name and with a way to a model', async () => {
  await using opened = await openBroker()
  const { world, house, web } = opened

  await tell(web, 'seats', { do: 'swap', seat: 'security', sitting: { kind: 'builtin', program: 'generic' } })

  await vi.waitUntil(() => house.pids().some(({ name, state }) => name === 'security' && state === 'running'), 20_000)
  const { services } = await tell<{ services: ServiceView[] }>(web, 'services', {})
  const { secrets } = world.config('llm-gateway').own as { secrets: Record<string, string> }
  const pid = house.pids().find(({ name }) => name === 'security')?.pid ?? 0
  expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain('generic.ts')
  expect(services.find(({ name }) => name === 'security')).toMatchObject({ pid, version: '0.1.0', busy: 0 })
  expect(world.config('security').gateway?.secret).toBe(secrets.security)
})

test('a seat that is removed lets nobody in, and leaves nothing that says otherwise', async () => {
  await using opened = await openBroker()
  const { world, web } = opened
  await tell(web, 'seats', { do: 'add', seat: 'acme', sitting: command('sleep', '600') })
  await vi.waitUntil(() => opened.house.pids().some(({ name, pid }) => name === 'acme' && pid !== null), 15_000)
  const pid = opened.house.pids().find(({ name }) => name === 'acme')?.pid ?? 0
  const acme = await sitDown(world, 'acme')
  const closed = acme.nc.closed()

  const reply = await tell(web, 'seats', { do: 'remove', seat: 'acme' })

  await closed
  expect(reply).toEqual({ removed: 'acme' })
  expect(ended(pid)).toBe(true)
  expect(existsSync(join(world.dataDir, 'seats', 'acme.json'))).toBe(false)
  expect(readFileSync(join(world.dataDir, 'bus', 'nats.conf'), 'utf8')).not.toContain('acme')
})

test('what cannot be is refused in a sentence with its mend, and nothing has changed', async () => {
  await using opened = await openBroker()
  const { world, web } = opened
  const add = (seat: string, sitting: object) => ['seats', { do: 'add', seat, sitting }] as const
  const swap = (seat: string, sitting: object) => ['seats', { do: 'swap', seat, sitting }] as const
  const asked = [
    [add('Acme!', external), '"Acme!" cannot name a seat.'],
    [add('analyst', external), 'analyst is the name of a service.'],
    [add('security', external), 'There is a seat security already.'],
    [add('acme', command('no-such-program')), 'There is no program no-such-program that could be run.'],
    [add('acme', command('sh', 'a\0b')), 'The command holds a NUL character'],
    [add('acme', command('./review')), 'There is no program ./review that could be run.'],
    [add('acme', { kind: 'command', command: ['sh'], directory: '/nowhere' }), '/nowhere is no directory.'],
    [add('acme', { kind: 'builtin', program: 'checks' }), 'No reviewer checks comes with Sluice that could sit there.'],
    [swap('checks', external), 'The seat checks cannot change hands'],
    [swap('acme', external), 'There is no seat acme.'],
    [['seats', { do: 'remove', seat: 'checks' }], 'The seat checks cannot change hands'],
    [['seats', { do: 'remove', seat: 'acme' }], 'There is no seat acme.'],
    [['scale', { name: 'orchestrator', replicas: 2 }], 'There is one orchestrator and no more.'],
    [['scale', { name: 'analyst', replicas: 65 }], '65 is no number of replicas.'],
    [['scale', { name: 'acme', replicas: 1 }], 'There is no service acme.'],
    [['seats', { do: 'dance' }], 'The supervisor could not do that: It cannot be read.'],
  ] as const

  const replies: { error?: string; mend?: string }[] = []
  for (const [[name, what]] of asked) replies.push(await tell(web, name, what))

  for (const [i, [, sentence]] of asked.entries()) expect(replies[i]?.error).toContain(sentence)
  expect(replies.filter(({ mend }) => !mend)).toEqual([])
  expect(['seats.json', 'replicas.json'].filter((file) => existsSync(join(world.dataDir, file)))).toEqual([
    ...['replicas.json'],
  ])
})
