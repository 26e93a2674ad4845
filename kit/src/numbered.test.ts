/** Numbers before lines, and what is left when they are taken away. */
import { expect, test } from 'vitest'
import { linesOf, numbered, unnumbered } from './numbered.ts'

test('each line has its number, and the text comes back', () => {
  const text = 'one\n\n  3\tthree\n'

  expect(numbered(linesOf(text))).toBe('     1\tone\n     2\t\n     3\t  3\tthree')
  expect(unnumbered(numbered(linesOf(text)))).toBe(text)
})

test('an empty text has no line', () => {
  expect(numbered(linesOf(''))).toBe('')
  expect(unnumbered('')).toBe('')
})
