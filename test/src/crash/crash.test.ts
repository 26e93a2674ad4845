/** A tenth of the crash matrix, another tenth for another seed: nothing lost, nothing done twice. */
import { expect, test } from 'vitest'
import { openCrashHouse } from './house.ts'
import { casesOf, runCase, sample } from './matrix.ts'
import { randomCrash } from './random.ts'
import { playStory } from './story.ts'

const SHARE = 0.1
const SEED = Number(process.env.SLUICE_CRASH_SEED ?? 1)

test('a story that is broken anywhere ends as the undisturbed one', async () => {
  await using world = await openCrashHouse()
  const undisturbed = await playStory(world)
  const cases = sample(casesOf(undisturbed.events), SHARE, SEED)

  const outcomes = []
  for (const one of cases) outcomes.push(await runCase(world, one, undisturbed.facts))

  expect(undisturbed.facts).toMatchObject({ landed: 1, merges: 1, worktrees: 1 })
  expect(outcomes.filter((outcome) => !outcome.ok)).toEqual([])
  expect(outcomes.length).toBeGreaterThan(4)
}, 400_000)

test('the sample is the seed’s: the same again, and the whole matrix over all of them', () => {
  const all = Array.from({ length: 100 }, (_, i) => i)

  expect(sample(all, 0.1, 7)).toEqual(sample(all, 0.1, 7))
  expect(sample(all, 0.1, 7)).toHaveLength(10)
  expect(sample(all, 1, 7)).toEqual(all)
  expect(sample(all, 0.1, 8)).not.toEqual(sample(all, 0.1, 7))
})

test('killed at random moments, stories ship, nothing is done or paid for twice', async () => {
  const outcome = await randomCrash({ kills: 6, seed: SEED, stories: 1 })

  expect(outcome.faults).toEqual([])
  expect(outcome.kills + outcome.sleeps).toBeGreaterThan(2)
}, 400_000)
