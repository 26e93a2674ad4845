/** The board kept current: what is asked for, what moves, what is never lost. */
import { expect, test } from 'vitest'
import { told } from '../testing/corpus.ts'
import { boardFold, withCards } from './board-fold.ts'
import type { Recorded } from './story-log.ts'

const never = async (): Promise<Recorded[]> => {
  throw new Error('Nothing should be asked for.')
}

test('a story heard from its first event on is never asked for', async () => {
  const fold = boardFold(never)

  const [card] = await fold.take(told('s1').slice(0, 4))

  expect(card).toMatchObject({ id: 's1', stage: 'scope', needsPerson: true, sequence: 4 })
})

test('a story that moves is folded from its past once, then goes on by what is heard', async () => {
  const all = told('s1')
  const asked: string[] = []
  const fold = boardFold(async (id) => {
    asked.push(id)
    return all.slice(0, 6)
  })

  await fold.take(all.slice(5, 7))
  const [card] = await fold.take(all.slice(7, 9))

  expect(asked).toEqual(['s1'])
  expect(card).toMatchObject({ stage: 'design', sequence: 9, waitingFor: 'Approve design or send it back.' })
})

test('only the stories that moved have a new card', async () => {
  const fold = boardFold(never)
  await fold.take([...told('s1').slice(0, 2), ...told('s2', 100).slice(0, 2)])

  const cards = await fold.take(told('s2', 100).slice(2, 4))

  expect(cards.map(({ id }) => id)).toEqual(['s2'])
})

test('what could not be read is not lost: the next take has it', async () => {
  const all = told('s1')
  let away = true
  const fold = boardFold(async () => {
    if (away) throw new Error('away')
    return all.slice(0, 8)
  })
  await expect(fold.take(all.slice(8, 9))).rejects.toThrow('away')
  away = false

  const [card] = await fold.take([])

  expect(card).toMatchObject({ id: 's1', sequence: 9 })
})

test('a story that ended is told to its end', async () => {
  const [card] = await boardFold(never).take(told('s1'))

  expect(card).toMatchObject({ stage: 'shipped', status: 'shipped', needsPerson: false })
})

test('a card is never replaced by an older one of its story', async () => {
  const [newer] = await boardFold(never).take(told('s1').slice(0, 9))
  const [older] = await boardFold(never).take(told('s1').slice(0, 4))
  if (!newer || !older) throw new Error('no cards')
  const cards = withCards(new Map(), [newer])

  expect(withCards(cards, [older])).toBe(cards)
})
