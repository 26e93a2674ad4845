/** Words as they are searched: what a person types finds what stands in code. */
import { expect, test } from 'vitest'
import { tokensOf } from './tokens.ts'

test('an identifier is found whole and by each of its parts, however it is written', () => {
  expect(tokensOf('saveDraft()')).toEqual(['savedraft', 'save', 'draft'].map(stemmed))
  expect(tokensOf('save_draft')).toEqual(tokensOf('saveDraft'))
  expect(tokensOf('save-draft')).toEqual(tokensOf('SaveDraft'))
  expect(tokensOf('HTTPServer')).toEqual(['httpserver', 'http', 'server'])
})

test('a path is found by its folders, its file, and the parts of their names', () => {
  expect(tokensOf('src/reg-exp-router/node.test.ts')).toEqual(
    expect.arrayContaining(['src', 'regexprouter', 'reg', 'exp', 'router', 'nodetestts', 'ts']),
  )
})

test.for<[string, string]>([
  ['draft', 'drafts'],
  ['save', 'saving'],
  ['save', 'saved'],
  ['query', 'queries'],
  ['match', 'matches'],
  ['plan', 'planned'],
])('%s and %s are one word', ([one, other]) => {
  expect(tokensOf(other)).toEqual(tokensOf(one))
})

test.for(['class', 'status', 'this is', 'string', 'thing', 'feed'])('%s is not cut to something else', (word) => {
  expect(tokensOf(word)).toEqual(word === 'this is' ? [] : [word])
})

test('what every commit says of itself is no word', () => {
  expect(tokensOf('Please fix the update and add support for it')).toEqual([])
})

test('letters of any script are words, signs and hashes are none', () => {
  expect(tokensOf('Größe 検索 "AND" (NEAR) * ^ : -')).toEqual(['größ', '検索', 'near'])
  expect(tokensOf('e'.repeat(200))).toEqual([])
})

const stemmed = (word: string): string => (word === 'save' ? 'sav' : word)
