/** A person's hand on a story at work: what they say reaches who is asked next, and nothing is asked while they hold it. */

import { cardOf } from '@sluice/proto/card.ts'
import type { EventType } from '@sluice/proto/event.ts'
import type { Event } from '@sluice/proto/events.ts'
import * as events from '@sluice/proto/events.ts'
import { addUsage, noUsage } from '@sluice/proto/parts.ts'
import { holdsMergeTurn } from '@sluice/proto/project.ts'
import { openRequests } from '@sluice/proto/story/steps.ts'
import { expect, test } from 'vitest'
import { answers, decided, fold, person, say, submitted } from './testing/world.ts'

const by = 'person' as const
let n = 0
const web = (type: EventType, data: object): Event =>
  say({ type, source: 'web', cause: null, n: `hand-${++n}`, data: data as never })

const last = (log: readonly Event[], type: Event['type']) => log.findLast((event) => event.type === type)

/** Everybody answers and approves until this type was last said. */
function until(type: Event['type'], log: Event[] = [submitted()]): Event[] {
  for (let n = 0; n < 100 && log.at(-1)?.type !== type; n++) {
    const [next] = decided(log)
    const ids = openRequests(fold(log)).map((o) => o.request)
    const open = log.filter((event) => ids.includes(event.id))
    log = next ? [...log, next] : [...log, ...(open.length > 0 ? answers(open, {}, n) : person(log, n))]
  }
  return log
}

/** Who is asked parks because the person wants it. */
function parks(log: readonly Event[]): Event[] {
  const ids = openRequests(fold(log)).map((o) => o.request)
  return answers(
    log.filter((event) => ids.includes(event.id)),
    { kind: 'paused' },
    ++n,
  ).map((event) => ({
    ...event,
    data: { ...event.data, waiting: { kind: 'person', why: 'paused' } },
  })) as Event[]
}

const steer = (text: string, role?: string) => web(events.RunSteered, { text, by, ...(role && { role }) })
const wordsIn = (event: Event | undefined, role: string) =>
  event && 'steered' in event.data ? event.data.steered?.[role]?.map(({ text }) => text) : undefined

test('what nobody heard is carried by the next request of whom it was for, and so is what was heard before', () => {
  const building = until('build.requested')
  const request = building.at(-1)?.id
  const said = [steer('Use the old picker.', 'implementer'), steer('Shorter names.', 'implementer')]
  const heard = web(events.RunHeard, { words: said[0]?.id, role: 'implementer', request })

  const parked = [...building, ...said, heard, web(events.StoryPaused, { by })]
  const again = until('build.requested', [...parked, ...parks(parked), web(events.StoryResumed, { by })])

  expect(wordsIn(again.at(-1), 'implementer')).toEqual(['Use the old picker.', 'Shorter names.'])
  expect(fold(again).words.map(({ heard }) => heard?.request)).toEqual([request, again.at(-1)?.id])
})

test('what is said at a gate is for whoever is asked next, and for nobody after them', () => {
  const atGate = until('gate.opened')

  const log = until('architecture.requested', [...atGate, steer('Think of phones.')])

  expect(wordsIn(last(log, 'design.requested'), 'designer')).toEqual(['Think of phones.'])
  expect(wordsIn(last(log, 'architecture.requested'), 'architect')).toBeUndefined()
  expect(fold(log).words[0]).toMatchObject({ role: 'designer', heard: { role: 'designer' } })
})

test('a paused story asks nothing new, and goes on where it stood once it is resumed', () => {
  const building = until('build.requested')
  const request = building.at(-1)?.id

  const paused = [...building, web(events.StoryPaused, { by })]
  const parked = [...paused, ...parks(paused)]
  const resumed = [...parked, web(events.StoryResumed, { by })]

  expect([decided(paused), decided(parked)]).toEqual([[], []])
  expect(cardOf(fold(parked), 1)).toMatchObject({ held: 'paused', wants: { kind: 'person' }, needsPerson: true })
  expect(decided(resumed).at(0)?.data).toMatchObject({ continues: { implementer: request } })
})

test('what is finished while a story is paused is shown, and the next step waits', () => {
  const scoping = until('scope.requested')
  const paused = [...scoping, web(events.StoryPaused, { by })]
  const done = [...paused, ...answers([scoping.at(-1) as Event], {}, ++n)]

  const atGate = [...done, ...decided(done)]
  const approved = [...atGate, ...person(atGate, ++n)]

  expect(atGate.at(-1)?.type).toBe('gate.opened')
  expect(decided(approved).map(({ type }) => type)).toEqual(['policy.frozen'])
  expect(decided([...approved, ...decided(approved)])).toEqual([])
})

test('who parks after the person has let go already is asked again at once', () => {
  const building = until('build.requested')
  const hasty = [...building, web(events.StoryPaused, { by }), web(events.StoryResumed, { by })]

  const log = [...hasty, ...parks(hasty)]

  expect(decided(log).map(({ type }) => type)).toEqual(['build.requested'])
})

test('a run that is taken away is gone on with from its journal, and what it answers afterwards changes nothing', () => {
  const building = until('build.requested')
  const request = building.at(-1) as Event
  const stopping = [...building, web(events.StoryPaused, { now: true, by })]
  const stopped = [...stopping, web(events.RunStopped, { request: request.id, role: 'implementer', reason: 'silent' })]

  const late = [...stopped, ...answers([request], {}, ++n)]
  const resumed = [...late, web(events.StoryResumed, { by })]

  expect(fold(late)).toMatchObject({ steps: { build: { at: 'paused' } }, stopped: [{ request: request.id }] })
  expect(decided(resumed)[0]?.data).toMatchObject({ continues: { implementer: request.id } })
})

test('what a run that is taken away had cost is in the sum of its story; of an older event nothing is said', () => {
  const building = until('build.requested')
  const request = building.at(-1) as Event
  const stop = (more: object) =>
    web(events.RunStopped, { request: request.id, role: 'implementer', reason: 'silent', ...more })
  const before = fold(building)
  const usage = { ...noUsage, outputTokens: 10, costUsd: 0.5 }

  const after = fold([...building, stop({ usage })])

  expect(after.usage).toEqual(addUsage(before.usage, usage))
  expect(after.usageBy.implementer).toEqual(usage)
  expect(fold([...building, stop({})]).usage).toEqual(before.usage)
  expect(fold([...building, stop({ usage }), ...answers([request], {}, ++n)]).usage).toEqual(after.usage)
})

test('a story that a person holds lets the merge turn go', () => {
  const landing = until('release.requested')

  expect(holdsMergeTurn(fold(landing))).toBe(true)
  expect(holdsMergeTurn(fold([...landing, web(events.StoryPaused, { by })]))).toBe(false)
})

const [commit, tree] = ['a'.repeat(40), 'b'.repeat(40)]
const lent = { path: '/wt/s1', branch: 'sluice/s1', commit, tree }
const files = [{ path: 'src/app.ts', additions: 3, deletions: 1 }]
const back = (more: object) => web(events.WorktreeReturned, { commit, tree, files: [], by, ...more })

function takenAt(type: Event['type']): Event[] {
  const log = [...until(type), web(events.StoryTaken, { by })]
  return [...log, ...parks(log), web(events.WorktreeLent, lent)]
}

test('the agent goes on in the same conversation and is told what the person changed', () => {
  const taken = takenAt('build.requested')
  const request = last(taken, 'build.requested')

  const log = until('build.requested', [...taken, back({ files, words: 'The rest is yours.' })])

  expect(cardOf(fold(taken), 1)).toMatchObject({ held: 'lent', waitingFor: expect.stringContaining('/wt/s1') })
  expect(log.at(-1)?.data).toMatchObject({ continues: { implementer: request?.id } })
  expect(wordsIn(log.at(-1), 'implementer')?.[0]).toMatch(/src\/app\.ts \(\+3 −1\).*The rest is yours\./s)
})

test('nothing resumes a story whose worktree the person has, but that they hand it back', () => {
  const taken = [...takenAt('build.requested'), web(events.StoryResumed, { by })]

  expect(decided(taken)).toEqual([])
  expect(fold(taken).hold).toMatchObject({ why: 'taken' })
})

test('at the review a change of the person’s is built and judged anew, and without one the gate stands as it stood', () => {
  const atReview = until('gate.opened', until('review.requested'))
  const taken = [...atReview, web(events.StoryTaken, { by }), web(events.WorktreeLent, lent)]

  const [same, other] = [fold([...taken, back({})]), [...taken, back({ files })]]

  expect(same.gate?.gate).toBe('review')
  expect(decided(other).map(({ type }) => type)).toEqual(['build.requested'])
})

test('handed in as the build, it is asked for without a model: once', () => {
  const log = until('build.requested', [
    ...takenAt('build.requested'),
    back({ files, done: true, words: 'Done it myself.' }),
  ])

  expect(log.at(-1)?.data).toMatchObject({ handIn: { summary: 'Done it myself.' } })
  expect(fold([...log, ...answers([log.at(-1) as Event], {}, ++n)]).handIn).toBeNull()
})

test('what is attached is given to everybody who is asked from then on, and said to whoever works', () => {
  const artifact = { sha256: '1'.repeat(64), bytes: 9, mediaType: 'image/png', name: 'board.png' }
  const scoping = until('scope.requested')

  const log = until('design.requested', [...scoping, web(events.StoryAttached, { attachments: [artifact], by })])

  expect(log.at(-1)?.data).toMatchObject({ attachments: [artifact] })
  expect(fold(log).words[0]).toMatchObject({ text: 'I attached board.png to the story.', attachments: [artifact] })
})
