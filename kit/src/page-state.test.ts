/** The page is put into a state, however it is written. */
import { expect, test } from 'vitest'
import { inState } from './page-state.ts'

test.for([
  ['<html lang="en"><p>', '<html data-state="empty" lang="en"><p>'],
  ['<html lang="en" data-state="full"><p>', '<html data-state="empty" lang="en"><p>'],
  ["<HTML data-state='full'>", '<html data-state="empty">'],
  ['<p>no root</p>', '<html data-state="empty"><p>no root</p></html>'],
])('%s is put into a state', ([html = '', expected]) => {
  expect(inState(html, 'empty')).toBe(expected)
})
