/** The journal of a run: in order, each entry once, and of two who write it only one goes on. */

import { Scope, ScopeRequested } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { type Bus, Stale } from './bus.ts'
import { openJournal, readJournal } from './journal.ts'
import { defineRole } from './role.ts'
import { startBroker } from './testing/broker.ts'
import { scopeRequested } from './testing/fixtures.ts'

test('what is appended at the same moment stands there in order, and is read by the next attempt', async () => {
  await using world = await openWorld()
  const run = await world.attempt(1)

  await Promise.all(['a', 'b', 'c'].map((text) => run.append('note', { text })))

  const next = await world.attempt(2)
  expect(next.entries().map((entry) => entry.data)).toEqual([{ text: 'a' }, { text: 'b' }, { text: 'c' }])
})

test('of two attempts that both believe in their lease the one that writes second stops', async () => {
  await using world = await openWorld()
  const [one, other] = [await world.attempt(1), await world.attempt(2)]
  await other.append('note', { text: 'mine' })

  const late = one.append('note', { text: 'stale' })

  await expect(late).rejects.toMatchObject({ name: 'LeaseLost' })
  expect(await world.texts()).toEqual(['mine'])
})

test('an entry that was stored, its answer lost on the way, is not taken for another’s', async () => {
  await using world = await openWorld()
  const run = await world.attempt(1, { losesAnswers: true })

  await run.append('note', { text: 'once' })

  expect(await world.texts()).toEqual(['once'])
})

// ── the world of these tests ─────────────────────────────────────────────────

async function openWorld() {
  const analyst = defineRole({
    ...{ name: 'analyst', takes: ScopeRequested, gives: Scope, uses: [] },
    answer: () => Promise.reject(new Error('not asked here')),
  })
  const broker = await startBroker([analyst])
  const bus = await broker.connect('analyst')
  const [storyId, runId] = ['s1', scopeRequested('s1').id]
  return {
    attempt: (attempt: number, { losesAnswers = false } = {}) =>
      openJournal(losesAnswers ? forgetful(bus) : bus, {
        ...{ storyId, runId, dir: '/nowhere', now: () => new Date('2026-01-01T00:00:00Z') },
        lease: { attempt, first: false, check: async () => undefined },
      }),
    texts: async () => (await readJournal(bus, storyId, runId)).map(({ data }) => (data as { text: string }).text),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  }
}

/** Stores, hears nothing of it, stores again: what the broker then says. */
const forgetful = (bus: Bus): Bus => ({
  ...bus,
  async put(subject, data, expected) {
    await bus.put(subject, data, expected)
    throw new Stale(`${subject} was written meanwhile.`)
  },
})
