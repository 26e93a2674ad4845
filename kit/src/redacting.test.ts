/** That no secret is shown, however it arrives, and that nothing else is lost. */
import { expect, test } from 'vitest'
import { redacting } from './redacting.ts'

const through = (pieces: readonly string[]): string => {
  let shown = ''
  const screen = redacting((text) => {
    shown += text
  })
  pieces.forEach(screen.add)
  screen.flush()
  return shown
}

test('a key is cut out wherever it is cut in two, and all around it stays', () => {
  const text = 'export KEY=sk-ant-api03-abcdefghijkl\r\nask us, class Sk\r\n'

  const shown = Array.from(text, (_, at) => through([text.slice(0, at), text.slice(at)]))

  expect(new Set(shown)).toEqual(new Set(['export KEY=[redacted]\r\nask us, class Sk\r\n']))
})

test('letter by letter it is cut out too', () => {
  expect(through([...'a slc_0123456789abcdefghij b'])).toBe('a [redacted] b')
})
