/** What goes wrong around a story and does not end it: money, the account, replies that are none, a person who has enough. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { tool } from '@sluice/kit/testing/messages-script.ts'
import type { LedgerEntry, ServiceView } from '@sluice/proto/rest.ts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Line, openLine } from '../testing/line.ts'
import { runningAs } from '../testing/running.ts'
import { type Instead, ownFiles, storyAbout } from '../testing/tiny-stories.ts'

/** Nobody else sleeps for this long: its process is found by it. */
const LONG = '86399.125'

let isRefused = true
const refusedOnce: Instead = (role) =>
  role === 'analyst' && isRefused
    ? { error: 'authentication_error', status: 401, message: 'invalid x-api-key' }
    : undefined

const said = { content: [tool('read', { path: 'README.md' }), tool('glob', { pattern: '*' })] }
/** The first try of each of the analyst's first calls goes wrong in a way of its own. */
const ills: (() => ReturnType<Instead>)[] = [
  () => ({ ...said, invalid: true }),
  () => ({ content: ['Now where it speaks of this.'], cutAfter: 2 }),
  () => ({ error: 'overloaded_error', status: 529 }),
]
const fallsIll: Instead = (role, { calls }) => {
  const turn = ['', 'read', 'grep'].findLastIndex((name) => name === '' || calls.some((call) => call.name === name))
  if (role !== 'analyst') return undefined
  const ill = ills[turn]
  ills[turn] = () => undefined
  return ill?.()
}

const takesLong: Instead = (role, { calls }) =>
  role === 'implementer' && calls.length === 0
    ? {
        content: [
          tool('shell', { command: `echo begun > begun; sleep ${LONG}; echo late > late`, timeoutSeconds: 900 }),
        ],
      }
    : undefined

const stories = {
  poor: storyAbout('thrift', ownFiles('thrift')),
  rich: storyAbout('wealth', ownFiles('wealth')),
  refused: storyAbout('keys', ownFiles('keys'), { instead: refusedOnce }),
  ill: storyAbout('weather', ownFiles('weather'), { instead: fallsIll }),
  long: storyAbout('patience', ownFiles('patience'), { instead: takesLong }),
}

let line: Line
beforeAll(async () => {
  line = await openLine({ stories: Object.values(stories), implementers: 2 })
}, 60_000)
afterAll(() => line[Symbol.asyncDispose](), 30_000)

const RICH = { budgetUsd: 50, auto: true }

describe.concurrent('a story is in trouble', { timeout: 120_000 }, () => {
  test('without money no call leaves; with a little it goes as far as that; then to its end, nothing done twice', async () => {
    const undisturbed = line.submit(stories.rich, RICH).then(line.shipped)
    const id = await line.submit(stories.poor, { ...RICH, budgetUsd: 0.001 })
    const first = await line.paused(id)
    const callsBefore = line.requests(stories.poor).length
    const needed = first.waiting.kind === 'budget' ? first.waiting.neededUsd : 0

    await line.say(id, 'budget', { budgetUsd: needed })
    const second = await line.when(id, (_, events) =>
      events.findLast((e) => e.type === 'scope.paused' && e.data.request !== first.request),
    )
    const callsBetween = line.requests(stories.poor).length
    await line.say(id, 'budget', { budgetUsd: 50 })
    await line.shipped(id)
    await undisturbed

    const { body: ledger } = await line.ask<LedgerEntry[]>('GET', `/api/ledger?storyId=${id}`)
    expect(ledger.filter(({ outcome }) => outcome === 'refused: budget')).toHaveLength(2)
    expect([first.waiting, second.type === 'scope.paused' && second.data.waiting]).toMatchObject([
      { kind: 'budget', spentUsd: 0, budgetUsd: 0.001 },
      { kind: 'budget', spentUsd: expect.closeTo(0.01, 1), budgetUsd: needed },
    ])
    expect([callsBefore, callsBetween]).toEqual([0, 1])
    expect(line.requests(stories.poor).length).toBe(line.requests(stories.rich).length)
  })

  test('an account that is refused is told in a sentence, and once it is mended a retry goes on', async () => {
    const id = await line.submit(stories.refused)
    const { waiting } = await line.paused(id)
    isRefused = false

    await line.say(id, 'retry')

    await line.gate(id, 'scope')
    expect(waiting).toEqual({
      kind: 'account',
      problem: expect.stringMatching(/^The model's provider refuses this account: 401: invalid x-api-key/),
    })
  })

  test('replies that are no JSON, end in the middle or never begin are asked for again', async () => {
    const id = await line.submit(stories.ill)

    await line.gate(id, 'scope')

    const statuses = line.requests(stories.ill).map(({ status }) => status)
    expect(statuses).toEqual([200, 200, 200, 200, 529, 200])
  })

  test('cancelled in the middle of a build, its command ends and nothing more is written', async () => {
    const id = await line.submit(stories.long, { auto: true })
    const worktree = () => join(line.dataDir, 'worktrees', readdirSync(join(line.dataDir, 'worktrees'))[0] ?? '', id)
    await vi.waitUntil(() => runningAs(`sleep ${LONG}`).length > 0, { timeout: 90_000, interval: 50 })

    await line.say(id, 'cancel', { reason: 'Enough.' })

    await vi.waitUntil(() => runningAs(`sleep ${LONG}`).length === 0, { timeout: 20_000, interval: 50 })
    await vi.waitUntil(async () => {
      const { body } = await line.ask<ServiceView[]>('GET', '/api/services')
      return body.filter(({ name, busy }) => name === 'implementer' && busy > 0).length === 0
    }, 90_000)
    expect(line.events(id).at(-1)?.type).toBe('story.cancelled')
    expect(readdirSync(worktree())).toEqual(expect.arrayContaining(['begun', 'greet.sh']))
    expect(readdirSync(worktree())).not.toContain('late')
    expect(line.git('branch', '--list', `sluice/${id}`)).toContain(id)
    expect(line.requests(stories.long, 'implementer')).toHaveLength(1)
  })
})
