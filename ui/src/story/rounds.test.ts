/** What each round built and what was said of it. */
import type { Event } from '@sluice/proto/events.ts'
import { defaultSeats } from '@sluice/proto/pipeline.ts'
import { expect, test } from 'vitest'
import { events } from '../testing/corpus.ts'
import { roundsOf, standingOf } from './rounds.ts'

test('each round has what was built and what each seat said of exactly that', () => {
  const rounds = roundsOf(events, defaultSeats)

  expect(rounds.map(({ round, verdicts }) => [round, verdicts.map((v) => `${v.seat} ${v.verdict}`)])).toEqual([
    [1, ['checks approve', 'security reject', 'refactor approve', 'generic approve']],
    [2, ['checks approve', 'security approve', 'refactor approve', 'generic approve']],
  ])
})

test('a verdict of somebody without a seat is not shown as one', () => {
  const rounds = roundsOf(events, ['checks'])

  expect(rounds[0]?.verdicts.map(({ seat }) => seat)).toEqual(['checks'])
})

test('a second build for one request is not another round', () => {
  const twice = events.flatMap((event): Event[] => (event.type === 'build.completed' ? [event, event] : [event]))

  expect(roundsOf(twice, defaultSeats).map(({ round }) => round)).toEqual([1, 2])
})

test('a dismissed finding says by whom and why, also when it was resolved later', () => {
  const finding = { id: 'f', seat: 's', severity: 'low', blocking: false, claim: 'c', evidence: '' } as const
  const story = { dismissed: { f: { reason: 'known', by: 'person' } }, resolved: { f: true as const } }

  expect(standingOf(story, finding)).toEqual({ is: 'dismissed', reason: 'known', by: 'person' })
  expect(standingOf({ dismissed: {}, resolved: { f: true } }, finding)).toEqual({ is: 'resolved' })
  expect(standingOf({ dismissed: {}, resolved: {} }, finding)).toEqual({ is: 'open' })
})
