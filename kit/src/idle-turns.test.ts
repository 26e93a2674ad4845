/** An agent that changes nothing is stopped after so many turns, however often it was killed meanwhile. */
import { expect, test } from 'vitest'
import { Pause } from './errors.ts'
import { stopIdle } from './idle-turns.ts'
import type { MemoryRun } from './testing/memory-run.ts'
import { memoryRun } from './testing/memory-run.ts'

const turns = async (run: MemoryRun, from: number, to: number): Promise<number | null> => {
  for (let number = from; number <= to; number++)
    try {
      await stopIdle(run, { number, titles: ['ls', 'cat a'] }, 5)
    } catch (error) {
      if (!(error instanceof Pause)) throw error
      expect(error.waiting).toEqual({
        ...{ kind: 'stuck', times: 5 },
        saw: '5 turns without a change to the project. Its last calls: ls, cat a.',
      })
      return number
    }
  return null
}
const checkpoint = (run: MemoryRun, turn: number) => run.append('note', { type: 'checkpoint', n: 1, turn, text: '' })

test('so many turns without a change, and the person is asked', async () => {
  expect(await turns(memoryRun(), 1, 9)).toBe(5)
})

test('a turn that changed files begins the count anew', async () => {
  const run = memoryRun()
  await turns(run, 1, 4)
  await checkpoint(run, 4)

  expect(await turns(run, 5, 20)).toBe(9)
})

test('an attempt that was killed is counted on by the next', async () => {
  const first = memoryRun()
  await turns(first, 1, 3)

  expect(await turns(memoryRun({ entries: first.log, attempt: 2 }), 4, 20)).toBe(5)
})

test('a run that was sent on goes as far again', async () => {
  const parked = memoryRun()
  await turns(parked, 1, 5)

  expect(await turns(memoryRun({ earlier: parked.log }), 6, 20)).toBe(10)
})
