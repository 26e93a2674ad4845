/** The books: what could not be told now is told later, and no call's cost is lost or told twice. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLog } from '@sluice/kit/log.ts'
import { publicPrices, usageOf } from '@sluice/kit/prices.ts'
import type { Spent } from '@sluice/kit/spend.ts'
import type { LedgerEntry } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { openAnswers } from './answers.ts'
import { type Begun, openBegun } from './begun.ts'
import { accountsFor, amountOf, openBooks } from './books.ts'
import { storyAccount } from './budget.ts'
import { openLedger } from './ledger.ts'
import { openLines } from './lines.ts'
import { leftBehind, tellLeftBehind } from './recover.ts'

const usage = usageOf({ input_tokens: 100, output_tokens: 10 }, publicPrices['claude-opus-5-5'])
const worst = usageOf({ input_tokens: 900, output_tokens: 900 }, publicPrices['claude-opus-5-5'])
const at = '2026-01-01T12:00:00.000Z'
const call: Begun = {
  ...{ id: 'digest.0', storyId: 's', role: 'analyst', runId: 'r', model: 'claude-opus-5-5', host: 'h', bytesOut: 1 },
  ...{ at, worst },
}
const ended = { usage, estimated: false, outcome: '200', bytesIn: 5, at }

async function world(over: { publish?(): Promise<void>; enter?(entry: LedgerEntry): Promise<void> } = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'slc-books-'))
  const [begun, ledger, answers] = [
    await openBegun(join(dir, 'calls')),
    await openLedger(join(dir, 'ledger')),
    await openAnswers(join(dir, 'answers')),
  ]
  const lines = openLines()
  const published: Spent[] = []
  const log = openLog('test', { write: () => undefined })
  const publishUsage = async (said: Spent) => {
    await over.publish?.()
    published.push(said)
  }
  const books = openBooks({
    ...{ begun, lines, log, publishUsage, enter: over.enter ?? ledger.enter },
    ...{ names: new Set<string>(), tellMs: 20, againMs: 10 },
  })
  return {
    ...{ begun, ledger, lines, published, books },
    /** What the next start finds and tells. */
    async restart(told = new Set<string>()) {
      const left = await leftBehind({ begun, answers, told })
      await tellLeftBehind(left, { begun, ledger, log, publishUsage: async (said) => void published.push(said) })
      return left
    },
    async [Symbol.asyncDispose]() {
      await books[Symbol.asyncDispose]()
      await rm(dir, { recursive: true })
    },
  }
}

test('a call that was reserved costs in the end what it did cost, everywhere once', async () => {
  await using all = await world()
  const accounts = accountsFor(call)
  await all.lines.reserve({
    id: call.id,
    accounts,
    amount: amountOf(worst),
    limits: [],
    signal: new AbortController().signal,
  })
  await all.books.begin(call)

  await all.books.end(call, ended)

  expect(all.lines.of(storyAccount('s'))).toEqual({ spent: amountOf(usage), reserved: new Map() })
  expect(all.published).toMatchObject([{ id: 'digest.0', usage }])
  expect(await all.ledger.entries()).toMatchObject([{ id: 'digest.0', usage }])
  expect(await all.begun.all()).toEqual([])
})

test('a bus that is away keeps nobody waiting for long, and hears of it when it is back', async () => {
  let away = 5
  await using all = await world({ publish: () => (away-- > 0 ? Promise.reject(new Error('away')) : Promise.resolve()) })
  await all.books.begin(call)

  await all.books.end(call, ended)

  expect(all.published).toEqual([])
  await expect.poll(() => all.published.length).toBe(1)
  await expect.poll(() => all.begun.all()).toEqual([])
})

test('a ledger that cannot be written is made up for at the next start', async () => {
  await using all = await world({ enter: () => Promise.reject(new Error('ENOSPC')) })
  await all.books.begin(call)

  await all.books.end(call, ended)
  const kept = await all.begun.all()
  await all.restart()

  expect(kept).toMatchObject([{ id: 'digest.0', ended: { usage } }])
  expect(await all.ledger.entries()).toMatchObject([{ id: 'digest.0', usage }])
  expect(await all.begun.all()).toEqual([])
})

test('a call that was lost counts as the most it can have cost, once, however often the gateway starts', async () => {
  await using all = await world()
  await all.books.begin(call)

  const [first] = await all.restart()
  const again = await all.restart(new Set(['digest.0']))

  expect(first?.spent).toMatchObject([{ storyId: 's', cost: amountOf(worst) }])
  expect(all.published).toMatchObject([{ id: 'digest.0', usage: worst, estimated: true }])
  expect(again).toEqual([])
})

test('what RUN has heard already is not counted again', async () => {
  await using all = await world()
  await all.books.begin(call)

  const [left] = await all.restart(new Set(['digest.0']))

  expect(left?.spent).toEqual([])
})

test('a key’s next call has a name of its own', async () => {
  await using all = await world()

  expect([all.books.nameFor('d'), all.books.nameFor('d'), all.books.nameFor('e')]).toEqual(['d.0', 'd.1', 'e.0'])
})
