/** Columns as they stand on a screen. */
import { expect, test } from 'vitest'
import { table } from './table.ts'
import { clip, plain, widthOf } from './terminal.ts'

test('columns are as wide as their widest cell, numbers at the right', () => {
  expect(
    table(
      [
        ['a', '1', 'x'],
        ['bbb', '100', 'y'],
      ],
      { right: [1] },
    ),
  ).toEqual(['a      1  x', 'bbb  100  y'])
})

test('the flexible column is cut to the width of the screen', () => {
  expect(table([['a', 'a long text that does not fit', 'z']], { flexible: 1, width: 20 })).toEqual([
    'a  a long text t…  z',
  ])
})

test('wide characters take two columns', () => {
  expect(widthOf('日本👍a')).toBe(7)
  expect(clip('日本語', 5)).toBe('日本…')
})

test('a text of many lines is one line, without what could move the cursor', () => {
  expect(plain('a\n\tb\u001b[31mc\u001b[0m\u0000\u009bd')).toBe('a bcd')
})
