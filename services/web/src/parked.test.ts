/** What no role could work on is visible, and can be sent again by whoever may. */
import { readAll } from '@sluice/kit/follow.ts'
import * as events from '@sluice/proto/events.ts'
import type { ParkedView } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { ask, scopeFailed } from './testing/sayings.ts'
import { type World, webWorld } from './testing/world.ts'

const parked = async (world: World) => (await world.ask<ParkedView[]>('GET', '/api/parked')).body
const resend = (world: World, sequence: number) => world.ask('POST', `/api/parked/${sequence}/resend`)

/** A message nobody can read on this subject, parked by the analyst: its sequence. */
async function unreadable(world: World, subject: string): Promise<number> {
  const author = await world.bus(subject.split('.').at(-1) ?? '')
  const { seq } = await author.js.publish(subject, '{ not JSON')
  const data = { stream: 'STORY', sequence: seq, subject, reason: 'The message is not JSON.' }
  await world.say('s1', { type: events.MessageParked, source: 'analyst', cause: null, n: seq, data })
  return seq
}

test('a message nobody could read is shown with its reason, once, also after a restart', async () => {
  await using world = await webWorld()
  const subject = 'story.s1.scope.requested.orchestrator'
  const sequence = await unreadable(world, subject)
  const data = { stream: 'STORY', sequence, subject, reason: 'Mine too.' }
  await world.say('s1', { type: events.MessageParked, source: 'designer', cause: null, n: 'd', data })
  await world.restart()

  expect(await parked(world)).toEqual([
    { sequence, subject, storyId: 's1', reason: 'The message is not JSON.', at: expect.any(String) },
  ])
})

test('what another said cannot be said again in its name: refused in a sentence, and nothing is', async () => {
  await using world = await webWorld()
  const sequence = await unreadable(world, 'story.s1.scope.requested.orchestrator')
  const before = await world.lastSequence()

  const { status, body } = await resend(world, sequence)

  expect({ status, error: body.error }).toEqual({ status: 409, error: expect.stringContaining('orchestrator said it') })
  expect(await world.lastSequence()).toBe(before)
})

test('what web said is said again, byte for byte', async () => {
  await using world = await webWorld()
  const sequence = await unreadable(world, 'story.s1.scope.requested.web')

  const { status } = await resend(world, sequence)

  expect(status).toBe(204)
  const consumer = await (await world.bus('supervisor')).js.consumers.get('STORY', {
    filter_subjects: 'story.s1.scope.requested.web',
  })
  const bodies = [await consumer.next(), await consumer.next()].map((message) => message?.string())
  expect(bodies).toEqual(['{ not JSON', '{ not JSON'])
})

test('a request whose attempts all ended without a word is asked again by its story, and parked no more', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  const { submitted } = await world.story(id)
  const request = await world.say(id, ask.scope(submitted, submitted.event))
  await world.say(id, scopeFailed(request, { parked: true }))
  const [one] = await parked(world)

  const { status } = await resend(world, one?.sequence ?? 0)

  expect(one).toMatchObject({ storyId: id, reason: 'It broke.\nThe rest.' })
  expect(status).toBe(204)
  expect((await readAll(await world.bus('orchestrator'), `story.${id}.>`)).at(-1)?.event.type).toBe('story.retried')
  expect(await parked(world)).toEqual([])
})

test('a failure that is none of these is not parked, and what is not parked is not sent', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  const { submitted } = await world.story(id)
  await world.say(id, scopeFailed(await world.say(id, ask.scope(submitted, submitted.event))))

  expect(await parked(world)).toEqual([])
  expect((await resend(world, 1)).status).toBe(404)
  expect((await resend(world, Number.NaN)).status).toBe(404)
})
