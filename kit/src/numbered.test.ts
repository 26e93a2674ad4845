/** Numbers before lines. */
import { expect, test } from 'vitest'
import { linesOf, numbered } from './numbered.ts'

test('each line has its number, from where it is read on', () => {
  expect(numbered(linesOf('one\n\n  3\tthree\n'))).toBe('     1\tone\n     2\t\n     3\t  3\tthree')
  expect(numbered(['ten'], 10)).toBe('    10\tten')
})

test('an empty text has no line', () => {
  expect(numbered(linesOf(''))).toBe('')
})
