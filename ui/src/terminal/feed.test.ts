/** What a screen shows of frames that come early, late, or not at all. */
import type { TermFrame } from '@sluice/proto/term.ts'
import { expect, test } from 'vitest'
import { feedOf } from './feed.ts'

const frame = (n: number, data: string, more: Partial<TermFrame> = {}): TermFrame => ({
  ...{ at: '2026-01-01T00:00:00.000Z', n, cols: 80, rows: 24, data, ...more },
})

function world() {
  let shown = ''
  const asked: ((frame: TermFrame | null) => void)[] = []
  const feed = feedOf(
    {
      show: (data) => {
        shown += data
      },
      clear: () => {
        shown = ''
      },
      resize: () => {},
    },
    () => new Promise((resolve) => asked.push(resolve)),
  )
  const answer = async (screen: TermFrame | null) => {
    asked.shift()?.(screen)
    await Promise.resolve()
  }
  return { feed, answer, shown: () => shown, asked: () => asked.length }
}

test('frames that come while the screen is asked for are drawn once, after it', async () => {
  const { feed, answer, shown } = world()
  feed.renew()
  feed.hear(frame(4, 'd'))
  feed.hear(frame(5, 'e'))

  await answer(frame(4, 'abcd', { screen: true }))
  feed.hear(frame(6, 'f'))

  expect(shown()).toBe('abcdef')
})

test('a frame that was missed is made up by the whole screen', async () => {
  const { feed, answer, shown } = world()
  feed.hear(frame(1, 'a'))
  feed.hear(frame(3, 'c'))

  await answer(frame(3, 'abc', { screen: true }))

  expect(shown()).toBe('abc')
})

test('a new shell begins on an empty screen', () => {
  const { feed, shown } = world()
  feed.hear(frame(1, 'old'))

  feed.hear(frame(1, 'new'))

  expect(shown()).toBe('new')
})
