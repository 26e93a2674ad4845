/** What a recording shows while it is played, at whatever moment one looks. */
import type { Cast } from '@sluice/proto/cast.ts'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openPlayer } from './player.ts'

const cast: Cast = {
  ...{ cols: 80, rows: 24 },
  events: [
    { at: 0, code: 'm', data: 'make' },
    { at: 0.5, code: 'o', data: 'a' },
    { at: 100, code: 'm', data: 'make test' },
    { at: 100.5, code: 'o', data: 'b' },
    { at: 100.6, code: 'r', data: '100x30' },
    { at: 101, code: 'o', data: 'c' },
  ],
}

function world(recording = cast) {
  vi.useFakeTimers()
  const shown = { text: '', size: '' }
  const screen = {
    show: (data: string) => {
      shown.text += data
    },
    clear: () => {
      shown.text = ''
    },
    resize: ({ cols, rows }: { cols: number; rows: number }) => {
      shown.size = `${cols}x${rows}`
    },
  }
  const player = openPlayer(recording, screen, () => Date.now())
  onTestFinished(() => {
    player.close()
    vi.useRealTimers()
  })
  return { player, shown }
}

test('a moment is shown as it was, forwards and backwards, with the size of then', () => {
  const { player, shown } = world()

  player.seek(player.state().length)
  const end = { ...shown }
  player.seek(0.7)

  expect([end, shown]).toEqual([
    { text: 'abc', size: '100x30' },
    { text: 'a', size: '80x24' },
  ])
})

test('it plays at its speed, over pauses quickly, and stops at its end', () => {
  const { player, shown } = world()
  player.setSpeed(2)

  player.play()
  vi.advanceTimersByTime(400)
  const soon = shown.text
  vi.advanceTimersByTime(1_000)

  expect([soon, shown.text, player.state()]).toMatchObject(['a', 'abc', { playing: false, length: 2.5 }])
})

test('with its pauses it is as long as it was, and the moment that is shown stays', () => {
  const { player, shown } = world()
  const [, second] = player.commands()
  player.seek(second?.at ?? 0)

  player.setSkipIdle(false)

  expect([player.state(), shown.text]).toMatchObject([{ at: 100, length: 101 }, 'a'])
  expect(player.commands().map(({ at, label }) => [at, label])).toEqual([
    [0, 'make'],
    [100, 'make test'],
  ])
})

test('far into a long recording only what can still be on the screen is drawn', () => {
  const line = `${'x'.repeat(1023)}\n`
  const events = Array.from({ length: 2_000 }, (_, i) => ({ at: i / 100, code: 'o' as const, data: line }))
  const { player, shown } = world({ ...cast, events })

  player.seek(19.99)

  expect(shown.text.length).toBeLessThanOrEqual(512 * 1024)
  expect(shown.text.endsWith(line)).toBe(true)
})
