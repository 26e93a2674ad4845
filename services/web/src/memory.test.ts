/** Memory over REST: what a person says of an entry becomes an event of the project, once, and is heard before it is answered. */

import { readAll } from '@sluice/kit/follow.ts'
import { MEMORY_SEARCH, MEMORY_SHOW } from '@sluice/kit/memory.ts'
import type { MemoryEntryView } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { type World, webWorld } from './testing/world.ts'

const entry: MemoryEntryView = {
  ...{ entry: 'drafts', origin: 'story', storyId: 'drafts', title: 'Drafts', summary: 's', files: [], commit: 'a' },
  ...{ at: '2026-01-01T00:00:00Z', pinned: false, edited: false, reverted: null, forgotten: false, from: [] },
  recorded: { title: 'Drafts', summary: 's' },
}

test('what is said of an entry is recorded as it was said, once for a key, and answered when memory has heard it', async () => {
  await using world = await webWorld()
  const asked = await answering(world)
  const init = { json: {}, headers: { 'idempotency-key': 'one' } }

  const first = await world.ask<{ event: string }>('POST', '/api/memory/dra/pin', init)
  const again = await world.ask<{ event: string }>('POST', '/api/memory/dra/pin', init)
  await world.ask('POST', '/api/memory/drafts/edit', { json: { title: 'Letters', text: null } })
  await world.ask('POST', '/api/memory/drafts/forget', { json: { forgotten: false } })

  expect(again.body).toEqual(first.body)
  const said = await readAll(await world.bus('supervisor'), 'project.p1.memory.*.web')
  expect(said.map(({ event }) => [event.type, event.data])).toEqual([
    ['memory.pinned', { entry: 'drafts', pinned: true }],
    ['memory.edited', { entry: 'drafts', title: 'Letters', text: null }],
    ['memory.forgotten', { entry: 'drafts', forgotten: false }],
  ])
  expect(asked).toContainEqual({ projectId: 'p1', entry: 'drafts', heard: first.body.event })
})

test.for([
  ['/api/memory/nothing/pin', {}, 404],
  ['/api/memory/drafts/praise', {}, 404],
  ['/api/memory/drafts/edit', {}, 400],
  ['/api/memory/drafts/edit', { title: '' }, 400],
  ['/api/memory/drafts/pin', { pin: true }, 400],
] as const)('POST %s of %j is refused and recorded nowhere', async ([path, json, status]) => {
  await using world = await webWorld()
  await answering(world)

  const { status: answered, body } = await world.ask('POST', path, { json })

  expect([answered, body.mend]).toEqual([status, expect.any(String)])
  expect(await readAll(await world.bus('supervisor'), 'project.p1.memory.*.web')).toEqual([])
})

/** Memory, in the test's hands: it knows one entry. */
async function answering(world: World): Promise<unknown[]> {
  const asked: unknown[] = []
  const memory = await world.bus('memory')
  memory.nc.subscribe(MEMORY_SHOW, {
    callback: (_, message) => {
      const show = message.json<{ entry: string }>()
      asked.push(show)
      message.respond(JSON.stringify({ entry: entry.entry.startsWith(show.entry) ? entry : null }))
    },
  })
  memory.nc.subscribe(MEMORY_SEARCH, {
    callback: (_, message) => {
      message.respond(JSON.stringify({ hits: [], files: [] }))
    },
  })
  await memory.nc.flush()
  return asked
}
