/** Lines and limits: a run that waits for one goes on when it is moved or drawn anew, and at no other time. */

import type { Event } from '@sluice/proto/events.ts'
import * as events from '@sluice/proto/events.ts'
import { noUsage, type Waiting } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import { openResets } from './decide.ts'
import { decided, fold, say, submitted } from './testing/world.ts'

const resetsAt = '2026-01-02T00:00:00.000Z'
const limit = (wake: boolean): Waiting => ({ kind: 'limit', resetsAt, wake, problem: 'Held.' })
const budget = (more: object = {}): Waiting => ({ kind: 'budget', spentUsd: 4, neededUsd: 1, budgetUsd: 5, ...more })

/** The analyst was asked and answers that it waits; `before` is said while it works. */
function parked(waiting: Waiting, { before = [] as Event[], limits = {} } = {}): { log: Event[]; request: string } {
  const opened = submitted({ limits } as never)
  const [asked] = decided([opened])
  if (!asked) throw new Error('Nobody was asked.')
  const data = { request: asked.id, attempt: 1, occupant: { program: 't', version: '1' }, usage: noUsage, waiting }
  const paused = say({ type: events.Scope.paused, source: 'analyst', cause: asked.id, data })
  return { log: [opened, asked, ...before, paused], request: asked.id }
}
const raised = (data: { budgetUsd: number; limits?: object }): Event =>
  say({ type: events.BudgetRaised, source: 'web', cause: null, data } as never)

test('a run that waits for a reset is asked again once that has come, and goes on from where it stood', () => {
  const { log, request } = parked(limit(true))

  expect(openResets(fold(log))).toEqual([{ request, resetsAt }])
  expect(decided(log, new Date('2026-01-01T23:59:59Z'))).toEqual([])
  const [reset] = decided(log, new Date(resetsAt))
  expect(reset).toMatchObject({ type: 'limit.reset', data: { request, resetsAt } })
  const [again] = decided([...log, reset as Event])
  expect(again).toMatchObject({ type: 'scope.requested', data: { continues: { analyst: request } } })
  // Said twice, it changes nothing.
  expect(decided([...log, reset as Event, reset as Event, again as Event])).toEqual([])
})

test('one that a person must wake does not wake by itself, and a retry does it', () => {
  const { log, request } = parked(limit(false))
  const retried = say({ type: events.StoryRetried, source: 'web', cause: null, data: {} })

  expect(decided(log, new Date('2027-01-01T00:00:00Z'))).toEqual([])
  expect(decided([...log, retried])).toMatchObject([{ data: { continues: { analyst: request } } }])
})

test('a line of the day is drawn anew at midnight', () => {
  const { log } = parked(budget({ line: 'day', at: 9, resetsAt }), { limits: { dayUsd: 9 } })

  expect(decided(log, new Date(resetsAt))).toMatchObject([{ type: 'limit.reset' }])
})

test.each([
  ['the budget', budget(), { budgetUsd: 6 }],
  ['the soft line', budget({ line: 'soft', at: 4 }), { budgetUsd: 5, limits: { softUsd: 5 } }],
  [
    'the line of a role',
    budget({ line: 'role', of: 'analyst', at: 1 }),
    { budgetUsd: 5, limits: { roles: { analyst: 2 } } },
  ],
] as const)('%s that was moved while the run still worked by the old one parks nobody', (_, waiting, moved) => {
  const limits = { softUsd: 4, roles: { analyst: 1, designer: 3 } }
  const { log, request } = parked(waiting, { before: [raised(moved)], limits })

  expect(fold(log).steps.scope).toMatchObject({ at: 'owed', continues: request })
})

test('a line that was not moved parks the run', () => {
  const { log } = parked(budget({ line: 'soft', at: 4 }), {
    before: [raised({ budgetUsd: 5, limits: { dayUsd: 9 } })],
    limits: { softUsd: 4 },
  })

  expect(fold(log).steps.scope.at).toBe('paused')
})

test('requests carry the lines as they are now: those that were not named stay, the soft one keeps its share', () => {
  const { log } = parked(budget(), { limits: { softUsd: 4, dayUsd: 20, roles: { analyst: 1 } } })

  const [again] = decided([...log, raised({ budgetUsd: 10, limits: { roles: { designer: 2 } } })])

  expect(again?.data).toMatchObject({
    budgetUsd: 10,
    limits: { softUsd: 8, dayUsd: 20, roles: { analyst: 1, designer: 2 } },
  })
})

test('a word to who goes round in circles is for the very role that does', () => {
  const { log, request } = parked({ kind: 'stuck', saw: 'look, again and again', times: 5 })
  const retried = say({ type: events.StoryRetried, source: 'web', cause: null, data: { comment: 'Look elsewhere.' } })

  const [again] = decided([...log, retried])

  expect(again?.data).toMatchObject({
    continues: { analyst: request },
    steered: { analyst: [{ text: 'Look elsewhere.' }] },
    answers: [],
  })
})
