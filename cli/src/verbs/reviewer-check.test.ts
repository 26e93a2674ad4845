/** The check of a reviewer: one that breaks its contract everywhere is told so, point by point. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Report } from '../reviewer-check/checks.ts'
import { sluice } from '../testing/run.ts'

const bad = fileURLToPath(new URL('../testing/bad-reviewer.ts', import.meta.url))

test('says of a bad reviewer what is wrong with each of its answers, and ends with 1', {
  timeout: 180_000,
}, async () => {
  const args = ['--within', '8', '--json', '--', process.execPath, bad]

  const { code, stdout } = await sluice(['reviewer', 'check', 'security', ...args])

  const report = JSON.parse(stdout) as Report
  expect(Object.fromEntries(report.checks.map(({ name, says }) => [name, says]))).toEqual({
    'answers a clean change': expect.stringContaining('It has no Nats-Msg-Id'),
    'answers a change with a fault': expect.stringContaining('It judges another commit'),
    'answers a second round': expect.stringContaining('The earlier finding f-first is not answered.'),
    'answers a large diff': expect.stringContaining('The verdict rejects and nothing blocks'),
    'answers unusual file names': expect.stringContaining('there is no line 999'),
    'acknowledges what it answered': expect.stringContaining('still in its hand'),
    'keeps its requests': expect.stringContaining('without a sign of life'),
    'leaves other seats alone': expect.stringContaining('does not name its seat'),
    'survives garbage': expect.stringContaining('It ended with code 3.'),
    'says the same again': expect.stringContaining('otherwise than the first time'),
    'leaves on SIGTERM': expect.stringContaining('3 of 3 requests were never answered.'),
  })
  expect([code, report.ok, report.checks.filter(({ ok }) => ok)]).toEqual([1, false, []])
})

test.for([
  [['check'], 'SEAT is missing'],
  [['check', 'Not A Seat'], 'cannot name a seat'],
  [['check', 'security', '--within', 'soon'], 'no number of seconds'],
  [['check', 'security', '--'], 'COMMAND is missing'],
] as const)('%j is refused', async ([args, why]) => {
  const { code, stderr } = await sluice(['reviewer', ...args])

  expect([code, stderr]).toEqual([2, expect.stringContaining(why)])
})
