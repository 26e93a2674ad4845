/** `trace` and `services` against a page that answers. */
import { expect, test } from 'vitest'
import { sluice } from '../testing/run.ts'
import { wholeStory } from '../testing/story.ts'
import { startWeb } from '../testing/web.ts'

test('trace prints the tree the page knows', async () => {
  await using web = await startWeb(new Map([['s1', wholeStory()]]))
  const root = { id: 'a', parent: null, name: 'story', service: 'web', kind: 'story', start: 0, end: 1000 } as const
  web.answers.spans = [{ ...root, costUsd: 0.5, tokens: 10, outcome: 'shipped', event: null }]

  const tree = await sluice(['trace', 's1'], { data: web.data })
  const json = await sluice(['trace', 's1', '--json'], { data: web.data })

  expect(tree.stdout).toMatch(/story +web +\+0 ms +1\.0 s +10 +\$0\.50 +shipped/)
  expect(JSON.parse(json.stdout)).toMatchObject({ storyId: 's1', spans: [{ id: 'a' }] })
})

test('trace --otlp prints what web answers for viewers, as it is', async () => {
  await using web = await startWeb(new Map([['s1', wholeStory()]]))

  const { stdout } = await sluice(['trace', 's1', '--otlp'], { data: web.data })

  expect(JSON.parse(stdout)).toEqual({ resourceSpans: [] })
})

test('trace --events lists every event with who said it', async () => {
  await using web = await startWeb(new Map([['s1', wholeStory()]]))

  const { stdout } = await sluice(['trace', 's1', '--events'], { data: web.data })

  expect(stdout.trim().split('\n')).toHaveLength(1 + wholeStory().length)
  expect(stdout).toMatch(/5 {2}00:00:09 {2}gate\.approved +person +scope by person/)
})

test('services lists what runs and what went wrong with it', async () => {
  await using web = await startWeb()
  const service = { name: 'analyst', replica: '1', version: '0.1.0', pid: 7, state: 'running', restarts: 2 } as const
  web.answers.services = [{ ...service, busy: 1, pending: null, lastError: 'It fell.' }]

  const { stdout } = await sluice(['services'], { data: web.data })

  expect(stdout).toMatch(/analyst 1 +running +7 +1 +2 +0\.1\.0 +It fell\.\n/)
})
