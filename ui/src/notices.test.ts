/** Notices: what is new wants one, what waits already does not, and another want of a story is news again. */
import type { Card } from '@sluice/proto/rest.ts'
import { expect, test } from 'vitest'
import { newlyWanting, wantOf } from './notices.ts'

const card = (id: string, since: string | null) =>
  ({
    ...{ id, needsPerson: since !== null, waitingFor: null },
    ...(since ? { wants: { kind: 'gate', since } } : {}),
  }) as Card

test('only what a story did not want before is news', () => {
  const told = new Set([card('a', '1'), card('b', '1')].flatMap((one) => wantOf(one) ?? []))

  const news = newlyWanting([card('a', '1'), card('b', '2'), card('c', '1'), card('d', null)], told)

  expect(news.map(({ id }) => id)).toEqual(['b', 'c'])
})
