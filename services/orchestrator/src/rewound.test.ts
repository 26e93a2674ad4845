/** Files taken back and stories forked, as the line decides them: whose word counts after it, and what is asked next. */
import { corpus } from '@sluice/proto/corpus.ts'
import type { Event } from '@sluice/proto/events.ts'
import * as events from '@sluice/proto/events.ts'
import { addUsage, noUsage } from '@sluice/proto/parts.ts'
import { stageOf } from '@sluice/proto/story/stage.ts'
import { openRequests } from '@sluice/proto/story/steps.ts'
import { evolve, type Story } from '@sluice/proto/story.ts'
import { expect, test } from 'vitest'
import { decide } from './decide.ts'
import { answers, decided, fold, person, say, submitted } from './testing/world.ts'

const checkpoint = { n: 2, commit: 'b'.repeat(40), tree: 'c'.repeat(40), talk: 'kept' as const }
let n = 0
const rewind = (more: object = {}): Event =>
  say({ type: events.StoryRewound, source: 'web', cause: null, n: `rewind-${++n}`, data: { ...checkpoint, ...more } })

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

const asked = (log: Event[]) => decided(log).find((event) => event.type === 'build.requested')

test('while it is built, the request is out of the hand that had it, and the next one begins with the checkpoint', () => {
  const building = until('build.requested')
  const request = building.at(-1)?.id ?? ''
  const back = rewind()

  const late = answers(building.slice(-1), {}, 1)
  const story = fold([...building, back, ...late])

  expect(story.steps.build).toMatchObject({ at: 'owed', cause: back.id })
  expect(story.stopped).toContainEqual({ role: 'implementer', request })
  expect(asked([...building, back, ...late])?.data).toMatchObject({
    rewind: { ...checkpoint, event: back.id },
    continues: { implementer: request },
    round: 1,
    steered: {
      implementer: [{ text: expect.stringContaining('I took all files back to what they were at checkpoint 2.') }],
    },
  })
})

test('what those who are stopped had cost is in the sum of the story, and goes no further', () => {
  const building = until('build.requested')
  const before = fold(building)
  const usage = { ...noUsage, outputTokens: 10, costUsd: 0.5 }
  const log = [...building, rewind({ spent: { implementer: usage } })]

  const story = fold(log)

  expect(story.usage).toEqual(addUsage(before.usage, usage))
  expect(story.usageBy.implementer).toEqual(usage)
  expect(asked(log)?.data).not.toHaveProperty('rewind.spent')
})

test('at the review gate, the gate is gone, no verdict counts, and only the build is owed', () => {
  const judged = until('gate.opened', until('review.requested'))
  expect(fold(judged).gate?.gate).toBe('review')

  const log = [...judged, rewind({ files: ['a.ts'] })]
  const story = fold(log)

  expect(story).toMatchObject({ gate: null, judged: null, seats: {}, reviewed: null, builds: 1 })
  expect(stageOf(story)).toBe('implementation')
  expect(decided(log).map(({ type }) => type)).toEqual(['build.requested'])
  expect(asked(log)?.data).toMatchObject({ round: 2, rewind: { files: ['a.ts'] } })
})

test('it is asked for until a round was handed in, and not again after', () => {
  const log = [...until('build.requested'), rewind()]
  const requested = asked(log) as Event
  const failed = answers([requested], { kind: 'failed' }, 3)
  const retried = say({ type: events.StoryRetried, source: 'web', cause: null, n: 'retry', data: {} })

  const again = asked([...log, requested, ...failed, retried])
  const done = fold([...log, requested, ...answers([requested], {}, 4)])

  expect(again?.data).toMatchObject({ rewind: { n: 2 } })
  expect(done.rewind).toBeNull()
})

test('before anything was built, and in the middle of the merge, it changes nothing', () => {
  const early = until('architecture.requested')
  const merging = until('release.requested')

  expect(fold([...early, rewind()]).rewind).toBeNull()
  expect(fold([...merging, rewind()]).steps.build.at).toBe('done')
})

test('a fork begins after its gate: nothing of what it inherits is asked for, approved or paid for again', () => {
  const forked = corpus.find(({ name }) => name === '0.3-forks.jsonl')?.events[0] as Event

  const story = evolve(null, forked) as Story
  const owed = decide(story, new Date('2026-01-01T02:00:00Z'))

  expect(owed.map(({ type }) => type.type)).toEqual(['build.requested'])
  expect(owed[0]?.data).toMatchObject({
    title: 'Do it (fork: claude-code)',
    round: 1,
    approved: { tasks: expect.any(Array) },
  })
  expect(Object.keys(story.approvals)).toEqual(['scope', 'design', 'architecture'])
  expect(story.usage.costUsd).toBe(0)
})

test('a fork at scope is designed anew, one at review is judged anew', () => {
  const forked = corpus.find(({ name }) => name === '0.3-forks.jsonl')?.events[0] as Extract<
    Event,
    { type: 'story.submitted' }
  >
  const { inherits } = forked.data
  if (!inherits) throw new Error('the corpus holds no fork')
  const judged = { base: 'a'.repeat(40), commit: 'b'.repeat(40), tree: 'c'.repeat(40), patchId: 'p' }
  const { event, request, occupant, at, document: diff } = inherits.scope
  const build = { event, request, occupant, at, judged, summary: 's', files: [], diff }
  const { design: _, architecture: __, ...only } = inherits
  const as = (inherits: object) => evolve(null, { ...forked, data: { ...forked.data, inherits } } as Event) as Story
  const owedBy = (story: Story) => decide(story, new Date()).map(({ type }) => type.type)

  expect(owedBy(as({ ...only, at: 'scope' }))).toEqual(['design.requested'])
  const reviewed = as({ ...inherits, at: 'review', build })
  expect(owedBy(reviewed)).toEqual(['review.requested'])
  expect(reviewed).toMatchObject({ judged, round: 1, builds: 1 })
})
