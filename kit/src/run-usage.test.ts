/** What a run spent: every call once, as it was last told. */
import { noUsage } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import type { Entry } from './run.ts'
import { usageOfRun } from './run-usage.ts'

const usage = (costUsd: number, call?: string | null): Entry => ({
  ...{ kind: 'usage', attempt: 1, at: '2026-01-01T00:00:00.000Z' },
  data: { usage: { ...noUsage, costUsd }, model: 'm', ...(call === undefined ? {} : { call }) },
})

test('a call that was cut and then heard to its end counts as its end told it', () => {
  expect(usageOfRun([usage(1, 'a'), usage(3, 'b'), usage(2, 'a')]).costUsd).toBe(5)
})

test('calls without a name are each a call of their own', () => {
  expect(usageOfRun([usage(1), usage(1), usage(1, null)]).costUsd).toBe(3)
})
