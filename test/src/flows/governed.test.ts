/** What holds a story back by rule: a soft line, the provider's limits, a circle. Each asks once, or goes on by itself, where it stood. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { defaultSettings } from '@sluice/cli/settings.ts'
import { tool } from '@sluice/kit/testing/messages-script.ts'
import type { Forecast, LimiterView, Money } from '@sluice/proto/rest.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Line, openLine } from '../testing/line.ts'
import { type Instead, ownFiles, storyAbout } from '../testing/tiny-stories.ts'

let refusals = 0
const limited: Instead = (role) =>
  role === 'analyst' && refusals++ === 0
    ? { error: 'rate_limit_error', status: 429, headers: { 'retry-after': '4' } }
    : undefined

let goesRound = true
const circling: Instead = (role) =>
  role === 'analyst' && goesRound ? { content: [tool('read', { path: 'README.md' })] } : undefined

const stories = {
  plain: storyAbout('thrift', ownFiles('thrift')),
  soft: storyAbout('wealth', ownFiles('wealth')),
  limited: storyAbout('weather', ownFiles('weather'), { instead: limited }),
  circling: storyAbout('circles', ownFiles('circles'), { instead: circling }),
}

let line: Line
beforeAll(async () => {
  const settings = {
    ...defaultSettings,
    rateLimit: { policy: 'wait' as const, seconds: 1 },
    loop: { ...defaultSettings.loop, sameCalls: 3 },
  }
  line = await openLine({ stories: Object.values(stories), settings })
}, 60_000)
afterAll(() => line[Symbol.asyncDispose](), 30_000)

const RICH = { budgetUsd: 50 }

test('past its soft line a story asks once, and one word lets it go on where it stood', {
  timeout: 120_000,
}, async () => {
  const undisturbed = await line.submit(stories.plain, RICH)
  await line.gate(undisturbed, 'scope')
  const id = await line.submit(stories.soft, { ...RICH, limits: { softUsd: 0.0001 } })
  const { waiting } = await line.paused(id)

  const { status } = await line.say(id, 'budget', { goOn: true })
  await line.gate(id, 'scope')

  expect(waiting).toMatchObject({ kind: 'budget', line: 'soft', at: 0.0001, budgetUsd: 50 })
  expect(status).toBe(200)
  expect(line.events(id).filter(({ type }) => type === 'scope.paused')).toHaveLength(1)
  expect(line.requests(stories.soft)).toHaveLength(line.requests(stories.plain).length)
  expect(line.api.askedTwice()).toEqual([])
  // Their runs are over: nobody asks for what they were answered.
  expect(readdirSync(join(line.dataDir, 'gateway', 'answers'), { recursive: true }).join()).not.toContain('.answer')
})

test('a provider that says “not before” parks the run, and it is woken then by itself', {
  timeout: 120_000,
}, async () => {
  const id = await line.submit(stories.limited, RICH)
  const { waiting } = await line.paused(id)
  const { body: held } = await line.ask<LimiterView>('GET', '/api/limits')

  await line.gate(id, 'scope')

  expect(waiting).toMatchObject({ kind: 'limit', wake: true })
  expect(held.held).toMatchObject([{ account: 'key', why: 'the provider limits the rate' }])
  const reset = line.events(id).find(({ type }) => type === 'limit.reset')
  const resetsAt = waiting.kind === 'limit' ? waiting.resetsAt : ''
  expect(Date.parse(reset?.time ?? '')).toBeGreaterThanOrEqual(Date.parse(resetsAt))
})

test('an agent that goes round in circles is stopped and shown; a word lets it go on', {
  timeout: 120_000,
}, async () => {
  const id = await line.submit(stories.circling, RICH)
  const { waiting } = await line.paused(id)
  const calls = line.requests(stories.circling).length
  goesRound = false

  await line.say(id, 'retry', { comment: 'The README says nothing more: look at the scripts.' })
  await line.gate(id, 'scope')

  expect(waiting).toMatchObject({ kind: 'stuck', tool: 'read', times: 3 })
  expect(calls).toBe(3)
  const again = line.events(id).findLast((event) => event.type === 'scope.requested')
  expect(again?.type === 'scope.requested' && again.data.steered?.analyst).toMatchObject([
    { text: 'The README says nothing more: look at the scripts.' },
  ])
})

test('what it cost is told by stage and replica, and of too little history nothing is foretold', async () => {
  const { body: money } = await line.ask<Money>('GET', '/api/money')
  const { body: forecast } = await line.ask<Forecast>('GET', '/api/forecast')

  expect(money.stages.map(({ name }) => name)).toContain('scope')
  expect(money.replicas.map(({ name }) => name)).toContain('analyst 1')
  expect(money.estimated.calls).toBe(0)
  expect(forecast).toMatchObject({ total: null, stages: [], least: 5 })
})
