/** The palette finds by words in any order, and puts what begins so first. */
import { expect, test } from 'vitest'
import { type Choice, found } from './choices.ts'

const choice = (label: string, about = 'page'): Choice => ({ label, about, run: () => {} })

test('every word must be there, in whatever order; what begins with it comes first', () => {
  const all = [choice('Search in archived notes', 'story, review'), choice('Services'), choice('Archive', 'action')]

  expect(found(all, 'notes sea').map(({ label }) => label)).toEqual(['Search in archived notes'])
  expect(found(all, 'arch').map(({ label }) => label)).toEqual(['Archive', 'Search in archived notes'])
  expect(found(all, 'zebra')).toEqual([])
})
