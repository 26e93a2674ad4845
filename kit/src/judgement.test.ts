/** What a reviewer may hand in: everything that does not hold is named at once. */

import type { Finding } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import { type Facts, type Found, type Judgement, problemOf } from './judgement.ts'

const found = (parts: Partial<Found>): Found => ({
  ...{ severity: 'low', blocking: false, claim: 'It is wrong.', evidence: 'a' },
  ...parts,
})

const finding = (parts: Partial<Finding>): Finding => ({
  ...{
    id: 'f-old',
    seat: 'security',
    severity: 'high',
    blocking: true,
    claim: 'It is not escaped.',
    evidence: 'raw(x)',
  },
  ...parts,
})

const judged = (parts: Partial<Judgement>): Judgement => ({
  ...{ summary: 'Looked.', verdict: 'approve', findings: [], earlier: [] },
  ...parts,
})

const facts: Facts = {
  earlier: [],
  criteria: ['C1'],
  linesOf: async (path) => (path === 'a.ts' ? 10 : null),
}

test.each<[string, Partial<Judgement>, RegExp]>([
  ['a path that is no file', { findings: [found({ path: 'b.ts' })] }, /^Finding 1: b.ts is no file of the project/],
  [
    'a line past the end',
    { findings: [found({ path: 'a.ts', startLine: 11 })] },
    /a.ts has 10 lines: there is no line 11/,
  ],
  ['a range past the end', { findings: [found({ path: 'a.ts', startLine: 9, endLine: 12 })] }, /no line 12/],
  ['a range that runs backwards', { findings: [found({ path: 'a.ts', startLine: 5, endLine: 4 })] }, /run backwards/],
  ['lines without a path', { findings: [found({ startLine: 5 })] }, /lines and no path/],
  ['an end without a start', { findings: [found({ path: 'a.ts', endLine: 5 })] }, /no startLine/],
  ['a criterion of no story', { findings: [found({ criterion: 'C9' })] }, /C9 is no criterion of this story/],
  ['approval over a blocking finding', { findings: [found({ blocking: true })] }, /approves while something blocks/],
  ['rejection without one', { verdict: 'reject', findings: [found({})] }, /rejects and nothing blocks/],
  ['an answer to nothing', { earlier: [{ findingId: 'f', resolved: true, note: '' }] }, /no open earlier finding f/],
])('sent back: %s', async (_, parts, problem) => {
  expect(await problemOf(judged(parts), facts)).toMatch(problem)
})

test('approval over an earlier finding that blocks and is not resolved is sent back', async () => {
  const earlier = [finding({ id: 'f1' })]
  const answer = { findingId: 'f1', resolved: false, note: 'Still there.' }

  expect(await problemOf(judged({ earlier: [answer] }), { ...facts, earlier })).toMatch(/approves while/)
  expect(await problemOf(judged({ earlier: [answer], verdict: 'reject' }), { ...facts, earlier })).toBeNull()
  expect(await problemOf(judged({ earlier: [{ ...answer, resolved: true }] }), { ...facts, earlier })).toBeNull()
})

test('an earlier finding that never blocked does not begin to', async () => {
  const earlier = [finding({ id: 'f1', blocking: false })]
  const judgement = judged({ earlier: [{ findingId: 'f1', resolved: false, note: 'Still there.' }] })

  expect(await problemOf(judgement, { ...facts, earlier })).toBeNull()
})

test('an earlier finding answered twice is sent back', async () => {
  const answer = { findingId: 'f1', resolved: true, note: 'Gone.' }
  const judgement = judged({ earlier: [answer, { ...answer, resolved: false }], verdict: 'reject' })

  expect(await problemOf(judgement, { ...facts, earlier: [finding({ id: 'f1' })] })).toMatch(/f1 is answered twice/)
})

test('all that is wrong is said at once', async () => {
  const judgement = judged({
    findings: [found({ path: 'b.ts' }), found({ path: 'a.ts', startLine: 99, blocking: true })],
  })

  expect((await problemOf(judgement, facts))?.split('\n')).toEqual([
    expect.stringMatching(/^Finding 1: b.ts/),
    expect.stringMatching(/^Finding 2: a.ts has 10 lines/),
    expect.stringMatching(/^The verdict approves/),
  ])
})

test('what holds is taken', async () => {
  const findings = [
    found({ path: 'a.ts', startLine: 10, endLine: 10, criterion: 'C1' }),
    found({ path: 'a.ts' }),
    found({}),
  ]

  expect(await problemOf(judged({ findings }), facts)).toBeNull()
})
