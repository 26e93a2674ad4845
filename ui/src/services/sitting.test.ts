/** A reviewer as a person types it: words as a shell would read them, and what is missing said. */
import { expect, test } from 'vitest'
import { sittingFrom, sittingText, typedFrom, wordsOf } from './sitting.ts'

test('a command is read as a shell reads words, and written so that it reads the same', () => {
  const command = ['python3', 'my reviewer.py', '--say', `it's "so"`, 'a\\b']
  const { command: written } = typedFrom({ kind: 'command', command, directory: '/tmp' })

  expect(wordsOf(written)).toEqual(command)
  expect(wordsOf(`sh -c "curl \\"\\$SLUICE_URL\\"" one\\ word`)).toEqual(['sh', '-c', 'curl "$SLUICE_URL"', 'one word'])
})

test('what is missing is said, what is whole is a sitting', () => {
  const typed = { kind: 'command', program: '', command: 'node r.js', directory: '' } as const

  expect(sittingFrom(typed)).toEqual({ missing: 'Say in which directory it runs: an absolute path.' })
  expect(sittingFrom({ ...typed, directory: ' /r ' })).toEqual({
    ...{ kind: 'command', command: ['node', 'r.js'], directory: '/r' },
  })
  expect(sittingFrom({ ...typed, kind: 'builtin' })).toHaveProperty('missing')
  expect(sittingText({ kind: 'external' })).toBe('a program that you run yourself')
})
