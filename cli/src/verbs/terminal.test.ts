/** `attach` and `replay` against a page that answers. */
import type { Event } from '@sluice/proto/events.ts'
import { noUsage } from '@sluice/proto/parts.ts'
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

test('attach says the agent’s list beside a terminal that is piped on, and to programs only frames', async () => {
  await using web = await startWeb(new Map([['s1', until('build.requested')]]))
  const at = '2026-01-01T00:00:00.000Z'
  const todo = [{ text: 'Keep drafts', state: 'doing' as const }]
  const run = { runId: 'r1-00000', source: 'implementer', attempts: 1, started: at, occupant: null }
  web.answers.runs = [{ ...run, notes: [{ at, attempt: 1, kind: 'todo', text: '', todo }] }]
  web.answers.frames = [frame(3, '$ make\r\n', { screen: true })]

  const { stdout, stderr } = await sluice(['attach', 's1'], { data: web.data })

  expect(stdout).toBe('$ make\r\n')
  expect(stderr).toContain('The agent’s list:\n  ▸ Keep drafts\n')
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

test('a round that failed has its recording, and so has an attempt that died, once its run is packed', async () => {
  const [failed, died] = [
    { ...recording, sha256: 'd'.repeat(64) },
    { ...recording, sha256: 'e'.repeat(64) },
  ]
  const about = { ...recorded()[0], source: 'implementer' } as Event
  const lost = {
    ...about,
    type: 'build.failed',
    data: { request: 'r1', attempt: 1, occupant: { program: 'p', version: '1' }, usage: noUsage, reason: 'x' },
  } as Event
  const runs = [{ source: 'implementer', runId: 'r1', entries: 3, last: 9 }]
  const packed = {
    ...about,
    type: 'run.packed',
    source: 'web',
    data: {
      pack: recording,
      runs,
      recordings: [failed, died].map((one) => ({ source: 'implementer', runId: 'r1', recording: one })),
    },
  } as Event
  await using web = await startWeb(new Map([['s1', [...recorded(), lost, packed]]]))
  web.answers.runs = [
    {
      runId: 'r1',
      source: 'implementer',
      attempts: 1,
      started: '2026-01-01T00:00:00Z',
      occupant: null,
      notes: [],
      recordings: [failed],
    },
  ]
  for (const [name, { sha256 }] of Object.entries({ recording, failed, died })) web.artifacts.set(sha256, name)

  const played = await Promise.all(
    ['1', '2', '3', '4'].map((round) => sluice(['replay', 's1', '--round', round, '--json'], { data: web.data })),
  )

  expect(played.map(({ stdout }) => stdout)).toEqual(['recording', 'recording', 'failed', 'died'])
})

test('without a recording replay says when there is one; a speed that is none is refused', async () => {
  await using web = await startWeb(new Map([['s1', until('build.requested')]]))

  const none = await sluice(['replay', 's1'], { data: web.data })
  const wrong = await sluice(['replay', 's1', '--speed', 'fast'], { data: web.data })

  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('`sluice attach s1` shows it live')])
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--speed fast is no number above zero')])
})
