/** Colours: tokens at their places, whatever the text holds, and never a letter lost. */
import { expect, test } from 'vitest'
import { loadLanguage, piecesOf, tokensOf } from './highlight.ts'
import { languageOf } from './languages.ts'

test('tokens stand where their text stands, over several lines and past what had to be escaped', async () => {
  await loadLanguage('typescript')
  const text = "const a = '<b>&' // it's\n/* one\ntwo */ return a"

  const tokens = tokensOf(text, 'typescript')

  const words = text
    .split('\n')
    .map((line, i) => tokens[i]?.map(({ start, end, kind }) => [line.slice(start, end), kind]))
  expect(words).toEqual([
    [
      ['const', 'keyword'],
      ["'<b>&'", 'string'],
      ["// it's", 'comment'],
    ],
    [['/* one', 'comment']],
    [
      ['two */', 'comment'],
      ['return', 'keyword'],
    ],
  ])
})

test('a line is cut where a token or a changed word begins or ends, and is whole again put together', () => {
  const pieces = piecesOf('let ab = 1', [{ start: 0, end: 3, kind: 'keyword' }], [{ start: 5, end: 8 }])

  expect(pieces.map(({ text, kind, changed }) => [text, kind, changed])).toEqual([
    ['let', 'keyword', false],
    [' a', null, false],
    ['b =', null, true],
    [' 1', null, false],
  ])
})

test('a language is known by a file’s extension or its name', () => {
  const paths = ['src/a.mts', 'Dockerfile', 'public/board.css', 'a.unheard', 'noextension']

  expect(paths.map(languageOf)).toEqual(['typescript', 'dockerfile', 'css', null, null])
})
