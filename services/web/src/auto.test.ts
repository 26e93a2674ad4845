/** A story without a person at its gates: approved by policy, said so, and still stopped by what blocks. */

import type { Event } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { autoApproval } from './auto.ts'
import { digestOf, finding } from './testing/sayings.ts'
import { toGate, type World, webWorld } from './testing/world.ts'

const approvals = async (world: World, id: string) =>
  (await world.log(id)).filter((event) => event.type === 'gate.approved').map((event) => event.data)

/** The event that comes next in the log after what is there, whoever says it. */
async function next(world: World, id: string, after: string, type: string): Promise<Event> {
  const event = (await world.log(id)).find((one) => one.type === type && one.causationId === after)
  return event ?? next(world, id, after, type)
}

test('its gate is approved as it opens, by auto, caused by the gate', async () => {
  await using world = await webWorld()
  const id = await world.submit('Keep drafts.', { auto: true })

  const opened = await toGate(world, id, 'scope')

  expect(await next(world, id, opened, 'gate.approved')).toMatchObject({
    data: { gate: 'scope', digest: digestOf('scope'), by: 'auto' },
  })
})

test('a gate that opened while web was away is approved once it is back, and once only', async () => {
  await using world = await webWorld()
  const id = await world.submit('Keep drafts.', { auto: true })
  const opened = await toGate(world, id, 'scope')
  await next(world, id, opened, 'gate.approved')

  await world.restart()
  await world.restart()

  expect(await approvals(world, id)).toHaveLength(1)
})

test('a story of a person waits for the person', async () => {
  await using world = await webWorld()
  const [mine, auto] = [await world.submit('Keep drafts.'), await world.submit('Keep drafts.', { auto: true })]
  await toGate(world, mine, 'scope')

  await next(world, auto, await toGate(world, auto, 'scope'), 'gate.approved')

  expect(await approvals(world, mine)).toEqual([])
})

test('what stands in the way stops it too: a person decides, and may dismiss', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  await toGate(world, id, 'review', [finding('f1')])
  const story = await world.story(id)
  const auto = { ...story, submitted: { ...story.submitted, auto: true } }

  const due = [
    autoApproval(auto, new Date()),
    autoApproval({ ...auto, gate: auto.gate && { ...auto.gate, unresolved: [] } }, new Date()),
    autoApproval({ ...auto, findings: [], seats: {} }, new Date()),
    autoApproval({ ...auto, seats: {}, gate: auto.gate && { ...auto.gate, unresolved: [] } }, new Date()),
  ]

  // Blocking in the verdicts, or in what the gate shows: either is enough.
  expect(due.map((event) => event?.type)).toEqual([undefined, undefined, undefined, 'gate.approved'])
})

test('a gate that opens again is approved again', async () => {
  await using world = await webWorld()
  const id = await world.submit('Keep drafts.', { auto: true })
  const opened = await toGate(world, id, 'scope')
  const story = await world.story(id)
  const gate = (event: string) => ({ gate: 'scope', event, digest: digestOf('scope'), unresolved: [], since: '' })

  const ids = [opened, opened, 'another-gate'].map(
    (event) => autoApproval({ ...story, gate: gate(event) }, new Date())?.id,
  )

  expect(ids[0]).toBe(ids[1])
  expect(ids[2]).not.toBe(ids[0])
})
