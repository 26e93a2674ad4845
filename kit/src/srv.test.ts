/** Who is alive, by the NATS services API: what every service answers, and whose word it is. */
import { Scope, ScopeRequested } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import type { RoleShape } from './permissions.ts'
import { answerServices, askServices } from './srv.ts'
import { startBroker } from './testing/broker.ts'
import { newVitals } from './vitals.ts'

const role = (name: string): RoleShape => ({ name, takes: ScopeRequested, gives: Scope, uses: [] })

test('every replica says its version, what it has in hand and what went wrong, as it is when asked', async () => {
  await using broker = await startBroker([role('analyst')])
  const supervisor = await broker.connect('supervisor')
  const vitals = newVitals()
  for (const replica of ['1', '2']) {
    const bus = await broker.connect('analyst')
    answerServices(bus, { name: 'analyst', version: '0.1.0', replica, vitals })
    await bus.nc.flush()
  }
  Object.assign(vitals, { busy: 2, handled: 7, lastError: 'The stream was cut.' })

  const [alive, nobody] = [await askServices(supervisor.nc, 'analyst', 2), await askServices(supervisor.nc, 'designer')]

  expect(alive.map(({ replica }) => replica).sort()).toEqual(['1', '2'])
  expect(alive[0]).toMatchObject({ version: '0.1.0', pid: process.pid, vitals })
  expect(nobody).toEqual([])
})

test.for([
  ['PING', '$SRV.PING'],
  ['PING', '$SRV.PING.memory'],
  ['INFO', '$SRV.INFO.memory'],
  ['STATS', '$SRV.STATS.memory'],
] as const)('%s is answered on %s as tools for the API expect it', async ([verb, subject]) => {
  await using broker = await startBroker([])
  const [memory, web] = [await broker.connect('memory'), await broker.connect('web')]
  answerServices(memory, { name: 'memory', version: '0.1.0', replica: '1', vitals: newVitals() })
  await memory.nc.flush()

  const reply = (await web.nc.request(subject, '', { timeout: 5_000 })).json<{ id: string }>()

  expect(reply).toMatchObject({
    ...{ type: `io.nats.micro.v1.${verb.toLowerCase()}_response`, name: 'memory', version: '0.1.0' },
    metadata: { replica: '1' },
  })
  expect((await web.nc.request(`$SRV.${verb}.memory.${reply.id}`, '', { timeout: 5_000 })).json()).toEqual(reply)
})

test('whoever answers a list under another’s name is not asked by that name', async () => {
  await using broker = await startBroker([role('analyst'), role('foreign')])
  const [supervisor, foreign] = [await broker.connect('supervisor'), await broker.connect('foreign')]
  foreign.nc.subscribe('$SRV.STATS', {
    callback: (_, message) => {
      message.respond(JSON.stringify({ name: 'analyst', version: '6.6.6' }))
    },
  })
  await foreign.nc.flush()

  const listed = await supervisor.nc.request('$SRV.STATS', '', { timeout: 5_000 })

  expect(listed.json()).toMatchObject({ version: '6.6.6' })
  expect(await askServices(supervisor.nc, 'analyst')).toEqual([])
})
