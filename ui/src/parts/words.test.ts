/** Amounts, times and names as people read them. */
import { expect, test } from 'vitest'
import { ago, bytes, duration, inlineCode, occupantText, short, usd } from './words.ts'

test('amounts are short, and small ones are not nothing', () => {
  expect([usd(0), usd(0.004), usd(4.9)]).toEqual(['$0.00', '$0.004', '$4.90'])
  expect([short(999), short(1_500), short(23_400), short(2_300_000)]).toEqual(['999', '1.5 k', '23 k', '2.3 M'])
  expect([bytes(12), bytes(2_048), bytes(3_145_728)]).toEqual(['12 B', '2.0 kB', '3.0 MB'])
})

test.for([
  ['give `1h 30m`, or `5m`', ['give ', '[1h 30m]', ', or ', '[5m]']],
  ['``a ` b`` and a ` alone', ['[a ` b]', ' and a ` alone']],
  ['a `-` before `-1h`', ['a ', '[-]', ' before ', '[-1h]']],
  ['none', ['none']],
  ['', []],
] as const)('what stands between backticks of %s is code', ([text, parts]) => {
  expect(inlineCode(text).map((part) => (part.code ? `[${part.text}]` : part.text))).toEqual(parts)
})

test('times are said as people say them', () => {
  expect([duration(12), duration(4_200), duration(62_000), duration(3_720_000)]).toEqual([
    '12 ms',
    '4.2 s',
    '1 min 2 s',
    '1 h 2 min',
  ])
  const now = Date.parse('2026-01-02T00:00:00.000Z')
  expect([ago('2026-01-01T23:59:50.000Z', now), ago('2026-01-01T23:50:00.000Z', now)]).toEqual([
    'just now',
    '10 min ago',
  ])
  expect([ago('2026-01-01T20:00:00.000Z', now), ago('2026-01-01T00:00:00.000Z', now)]).toEqual(['4 h ago', '1 day ago'])
})

test('the scripted model is named as such wherever it sat', () => {
  expect(occupantText({ program: 'sluice', version: '1', model: 'm' })).toBe('sluice 1 on m')
  expect(occupantText({ program: 'sluice', version: '1', model: 'm', scripted: 'demo' })).toBe(
    'sluice 1 on the scripted model (demo)',
  )
})
