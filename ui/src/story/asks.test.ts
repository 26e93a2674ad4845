/** What a story asks of the person, and how it is told apart. */
import { noUsage, type Waiting } from '@sluice/proto/parts.ts'
import { expect, test } from 'vitest'
import { append, emptyLog, type Recorded } from '../live/story-log.ts'
import { events, recorded } from '../testing/corpus.ts'
import { asksNothing, asksOf } from './asks.ts'

const request = events[1]?.id ?? ''

/** The analyst answers its first request so. */
function after(type: 'scope.paused' | 'scope.failed', data: object) {
  const said = { request, attempt: 1, occupant: { program: 't', version: '1' }, usage: noUsage, ...data }
  const body = { ...events[2], id: 'an-answer', type, data: said }
  const answer: Recorded = { sequence: 3, subject: `story.s1.${type}.analyst`, body }
  const { story } = append(emptyLog, [...recorded.slice(0, 2), answer])
  if (!story) throw new Error('no story')
  return asksOf(story)
}
const paused = (waiting: Waiting) => after('scope.paused', { waiting })

test('while somebody works nothing is asked', () => {
  const { story } = append(emptyLog, recorded.slice(0, 2))
  if (!story) throw new Error('no story')

  expect(asksNothing(asksOf(story))).toBe(true)
})

test('questions name the request their answers go to', () => {
  const questions = [{ id: 'q', text: 'For how long?' }]

  expect(paused({ kind: 'questions', questions }).questions).toEqual([{ role: 'analyst', request, questions }])
})

test('a used-up budget is asked for apart from what is stuck', () => {
  const asks = paused({ kind: 'budget', spentUsd: 5, neededUsd: 1, budgetUsd: 5 })

  expect(asks.budget).toMatchObject({ budgetUsd: 5 })
  expect(asks.stuck).toEqual([])
})

test('a limit says when it goes on by itself, a circle what was seen', () => {
  const resetsAt = '2026-11-26T14:40:00.000Z'
  const woken = paused({ kind: 'limit', resetsAt, wake: true, problem: 'Calls are held.' })
  const limit = paused({ kind: 'limit', resetsAt, wake: false, problem: 'Calls are held.' }).stuck[0]
  const circle = paused({ kind: 'stuck', saw: 'read was called 5 times.', times: 5, tool: 'read' }).stuck[0]

  expect(woken.waits).toMatchObject([
    { role: 'analyst', what: expect.stringMatching(/held\. It goes on by itself at /) },
  ])
  expect(asksNothing(woken)).toBe(true)
  expect(limit).toMatchObject({ what: 'Calls are held.', mend: expect.stringMatching(/^Try again at /) })
  expect(circle).toMatchObject({ what: 'It goes round in circles: read was called 5 times.' })
})

test('what failed says why, and that it can be tried again', () => {
  expect(after('scope.failed', { reason: 'No answer.' }).stuck).toEqual([
    { role: 'analyst', request, what: 'No answer.', mend: 'Mend what it names, then try again.' },
  ])
})

test('a checkout in the way names the files and the place', () => {
  const asks = paused({ kind: 'checkout', path: '/r', files: ['a.ts'], problem: 'main has changes.' })

  expect(asks.stuck[0]?.mend).toBe('Commit or stash a.ts in /r, then try again.')
})

test('an open gate is what is asked, with the digest to decide on', () => {
  const { story } = append(emptyLog, recorded.slice(0, 4))
  if (!story) throw new Error('no story')

  expect(asksOf(story).gate).toMatchObject({ gate: 'scope', digest: story.gate?.digest })
})
