/** `attach` and `replay` against a page that answers. */
import type { Event } from '@sluice/proto/events.ts'
import type { TermFrame } from '@sluice/proto/term.ts'
import { expect, test } from 'vitest'
import { sluice } from '../testing/run.ts'
import { until, wholeStory } from '../testing/story.ts'
import { startWeb } from '../testing/web.ts'

const frame = (n: number, data: string, more: Partial<TermFrame> = {}) => ({
  ...{ source: 'implementer', runId: 'r1' },
  frame: { at: '2026-01-01T00:00:00.000Z', n, cols: 20, rows: 5, data, ...more },
})
const recording = { sha256: 'c'.repeat(64), bytes: 1, mediaType: 'application/x-asciicast', name: 'terminal.cast' }
const cast = [
  { version: 3, term: { cols: 20, rows: 5 } },
  [0, 'm', 'make'],
  [0.1, 'o', '\u001b[32mmade\u001b[0m\r\n'],
  [3600, 'o', '\u001b]0;title\u0007after an hour\r\n'],
]
  .map((line) => JSON.stringify(line))
  .join('\n')

const recorded = (): Event[] =>
  wholeStory().map((event) =>
    event.type === 'build.completed' ? { ...event, data: { ...event.data, recording } } : event,
  )

test('attach shows the screen and what follows, without what is no business of the screen', async () => {
  await using web = await startWeb(new Map([['s1', until('build.requested')]]))
  web.answers.frames = [
    frame(3, '$ make\r\n', { screen: true }),
    frame(4, '\u001b]52;c;eA==\u0007\u001b[31mno\u001b[0m\r\n'),
  ]

  const { code, stdout, stderr } = await sluice(['attach', 's1'], { data: web.data })

  expect([code, stdout]).toEqual([0, '$ make\r\n\u001b[31mno\u001b[0m\r\n'])
  expect(stderr).toMatch(/read only/)
})

test('a story that has ended has nothing to attach to, and the recording is named instead', async () => {
  await using web = await startWeb(new Map([['s1', wholeStory()]]))

  const { code, stderr } = await sluice(['attach', 's1'], { data: web.data })

  expect([code, stderr]).toEqual([1, expect.stringContaining('`sluice replay s1` plays its recording')])
})

test('replay plays the last recording, pauses cut, and gives the file itself to programs', async () => {
  await using web = await startWeb(new Map([['s1', recorded()]]))
  web.artifacts.set(recording.sha256, cast)

  const played = await sluice(['replay', 's1', '--idle', '0.1', '--speed', '4'], { data: web.data })
  const file = await sluice(['replay', 's1', '--json'], { data: web.data })

  expect(played.stdout).toBe('\u001b[32mmade\u001b[0m\r\nafter an hour\r\n')
  expect(file.stdout).toBe(cast)
})

test('without a recording replay says when there is one; a speed that is none is refused', async () => {
  await using web = await startWeb(new Map([['s1', until('build.requested')]]))

  const none = await sluice(['replay', 's1'], { data: web.data })
  const wrong = await sluice(['replay', 's1', '--speed', 'fast'], { data: web.data })

  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('`sluice attach s1` shows it live')])
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--speed fast is no number above zero')])
})
