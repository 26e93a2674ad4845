/** A verdict whose reply was lost, sent again to a web that has been started anew since. */
import { defaultSeats } from '@sluice/proto/pipeline.ts'
import { expect, test } from 'vitest'
import { toGate, webWorld } from '../testing/world.ts'
import { verdicts } from './verdicts.ts'

test('is the event it became; another verdict, or that of another attempt, comes too late', async () => {
  await using world = await webWorld()
  const id = await world.submit()
  await toGate(world, id, 'review')
  const story = await world.story(id)
  const step = story.seats[defaultSeats[1]]
  const request = step?.at === 'done' ? step.request : ''
  const known = { card: {} as never, text: '', said: new Set<string>(), story }
  const judge = verdicts({ stories: { get: () => known } })
  const body = { verdict: 'approve', summary: 's', findings: [], occupant: { program: 'p', version: '1' } }
  const send = (attempt: number, summary = 's') =>
    judge({ seat: 'security', id: `${id}.${request}.${attempt}`, take: undefined, body: { ...body, summary } })

  const again = await send(1)

  expect(again).toBe(step?.at === 'done' && step.event)
  await expect(send(1, 'Something else.')).rejects.toThrow('too late')
  await expect(send(2)).rejects.toThrow('too late')
})
