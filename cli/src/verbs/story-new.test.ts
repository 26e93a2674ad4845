/** Handing in a story from the command line, and following it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Event } from '@sluice/proto/events.ts'
import { expect, test } from 'vitest'
import { sluice } from '../testing/run.ts'
import { until, wholeStory } from '../testing/story.ts'
import { startWeb } from '../testing/web.ts'

test('sends the words, the title, the budget and whether gates are approved', async () => {
  await using web = await startWeb()

  const args = ['Keep', 'my drafts', '--title', 'Drafts', '--budget', '2', '--auto']
  const { code, stdout } = await sluice(['story', 'new', ...args], { data: web.data })

  expect(code).toBe(0)
  expect(stdout).toContain('sluice story show s1')
  const body = { text: 'Keep my drafts', title: 'Drafts', budgetUsd: 2, auto: true }
  expect(web.told).toEqual([
    { method: 'POST', path: '/api/stories', body, key: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  ])
})

test('sends what the story is to work with, for all roles and for one', async () => {
  await using web = await startWeb()

  const args = ['--model', 'm', '--effort', 'high', '--role', 'implementer:engine=anthropic,model=n']
  await sluice(['story', 'new', 'Keep', ...args], { data: web.data })

  expect(web.told).toMatchObject([
    { body: { choice: { model: 'm', effort: 'high' }, choices: { implementer: { engine: 'anthropic', model: 'n' } } } },
  ])
})

test('reads the story from stdin with `-`', async () => {
  await using web = await startWeb()

  await sluice(['story', 'new', '-'], { data: web.data, stdin: 'Keep my drafts.\n' })

  expect(web.told).toMatchObject([{ body: { text: 'Keep my drafts.' } }])
})

test('reads the story from a file', async () => {
  await using web = await startWeb()
  const dir = await mkdtemp(join(tmpdir(), 'slc-cli-'))
  await writeFile(join(dir, 'story.md'), 'Keep my drafts.')

  await sluice(['story', 'new', '--file', join(dir, 'story.md')], { data: web.data })
  await rm(dir, { recursive: true })

  expect(web.told).toMatchObject([{ body: { text: 'Keep my drafts.' } }])
})

test.for([
  ['an empty story', ['-'], ' \n', 1, 'The story is empty. Say in a sentence what you want.'],
  ['100 kB', ['-'], 'x'.repeat(100_000), 1, 'The story has 98 kB, more than the 64 kB that are read.'],
  ['no text at all', [], '', 2, "The story's text is missing."],
  ['a file that is not there', ['--file', '/no/such'], '', 1, '/no/such cannot be read (ENOENT).'],
  ['text and a file', ['words', '--file', 'x'], '', 2, 'A story comes from TEXT or from --file'],
  ['an effort nobody knows', ['words', '--effort', 'utmost'], '', 2, 'utmost is no effort: there are low, medium'],
  ['a role without a wish', ['words', '--role', 'implementer'], '', 2, '--role implementer does not read as ROLE:'],
  ['a role twice', ['words', '--role', 'a:model=x', '--role', 'a:model=y'], '', 2, '--role names a twice.'],
  ['a budget of nothing', ['words', '--budget', '0'], '', 2, '0 is no amount of US dollars above zero.'],
] as const)('refuses %s, and sends nothing', async ([, args, stdin, code, sentence]) => {
  await using web = await startWeb()

  const ran = await sluice(['story', 'new', ...args], { data: web.data, stdin })

  expect(ran).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(`sluice: ${sentence}`) })
  expect(web.told).toEqual([])
})

test('a refusal of the page is its sentence', async () => {
  await using web = await startWeb()
  const problem = { error: 'The scripted model plays three stories.', mend: 'Serve your own repository with --repo.' }
  web.answers.refuse = { status: 400, problem }

  const { code, stderr } = await sluice(['story', 'new', 'Mine'], { data: web.data })

  expect({ code, stderr }).toEqual({ code: 1, stderr: `sluice: ${problem.error} ${problem.mend}\n` })
})

test('--wait tells each event once and ends with 0 when the story has shipped', async () => {
  await using web = await startWeb(new Map([['s1', wholeStory()]]))

  const { code, stdout } = await sluice(['story', 'new', 'x', '--wait'], { data: web.data })

  expect(code).toBe(0)
  expect(stdout.match(/gate\.approved/g)).toHaveLength(4)
  expect(stdout).toMatch(/story\.shipped/)
})

test('--wait goes on from the event it has seen when the log grows', async () => {
  const stories = new Map([['s1', auto(until('gate.opened'))]])
  await using web = await startWeb(stories)
  const waiting = sluice(['story', 'new', 'x', '--wait', '--json'], { data: web.data })
  await expect.poll(() => web.read).toBeGreaterThan(0)
  stories.set('s1', auto(wholeStory()))

  const { code, stdout, stderr } = await waiting

  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ id: 's1', status: 'shipped', waitingFor: [] })
  expect(stderr.trim().split('\n')).toHaveLength(wholeStory().length)
})

test('--wait ends with 1 and what to type when only the person can set it going again', async () => {
  await using web = await startWeb(new Map([['s1', until('gate.opened')]]))

  const { code, stderr } = await sluice(['story', 'new', 'x', '--wait'], { data: web.data })

  expect(code).toBe(1)
  expect(stderr).toContain('Story s1 waits for you: Approve scope or send it back.')
  expect(stderr).toContain('sluice story approve s1')
})

/** The same log of a story whose gates nobody is asked about. */
const auto = (events: Event[]): Event[] =>
  events.map((event) => (event.type === 'story.submitted' ? { ...event, data: { ...event.data, auto: true } } : event))
