import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago } from './ago.ts'

const NOW = new Date('2026-03-01T12:00:00Z')

test('time is told in words', () => {
  assert.deepEqual(
    ['2026-03-01T11:59:40Z', '2026-03-01T11:01:00Z', '2026-03-01T09:00:00Z', '2026-02-26T12:00:00Z'].map((iso) => ago(iso, NOW)),
    ['just now', '59 min ago', '3 h ago', '3 d ago'],
  )
})
