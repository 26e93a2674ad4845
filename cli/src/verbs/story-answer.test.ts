/** Answering a role's questions from the command line. */
import { expect, test } from 'vitest'
import { sluice } from '../testing/run.ts'
import { next, until } from '../testing/story.ts'
import { startWeb } from '../testing/web.ts'

const nothing = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0, costUsd: 0 }
const questions = [
  { id: 'Q1', text: 'For how long?' },
  { id: 'Q2', text: 'For whom?', choices: ['All', 'Members'] },
]

async function asking() {
  const events = until('scope.requested')
  const request = events.at(-1)?.id ?? ''
  const data = { request, attempt: 1, occupant: { program: 'test', version: '1' }, usage: nothing }
  const paused = next(events, {
    type: 'scope.paused',
    source: 'analyst',
    data: { ...data, waiting: { kind: 'questions', questions } },
  })
  return { request, web: await startWeb(new Map([['s1', [...events, paused]]])) }
}

test('show says what is asked, by which id it is answered, and what may be chosen', async () => {
  await using web = (await asking()).web

  const { stdout } = await sluice(['story', 'show', 's1'], { data: web.data })

  expect(stdout).toContain('Questions\n  Q1  For how long?\n  Q2  For whom?\n      - All\n      - Members\n')
})

test('every answer goes to the request that asked, with its question', async () => {
  const { request, web: opened } = await asking()
  await using web = opened

  const { code } = await sluice(['story', 'answer', 's1', '--answer', 'Q1=30 days = a month', '--answer', 'Q2=All'], {
    data: web.data,
  })

  expect(code).toBe(0)
  expect(web.told).toMatchObject([
    {
      path: '/api/stories/s1/answer',
      body: {
        request,
        answers: [
          { id: 'Q1', text: 'For how long?', answer: '30 days = a month' },
          { id: 'Q2', text: 'For whom?', answer: 'All' },
        ],
      },
    },
  ])
})

test.for([
  ['a question left open, without a terminal to ask at', ['--answer', 'Q1=x'], 1, 'Still to answer: Q2 For whom?'],
  ['an answer to what nobody asked', ['--answer', 'Q9=x'], 1, 'Nobody asked Q9.'],
  ['an answer without its question', ['--answer', 'x'], 2, "--answer is a question's id and a text"],
] as const)('refuses %s, and sends nothing', async ([, args, code, sentence]) => {
  const { web: opened } = await asking()
  await using web = opened

  const ran = await sluice(['story', 'answer', 's1', ...args], { data: web.data })

  expect(ran).toMatchObject({ code, stderr: expect.stringContaining(sentence) })
  expect(web.told).toEqual([])
})

test('a story that asks nothing says so', async () => {
  await using web = await startWeb(new Map([['s1', until('gate.opened')]]))

  const { code, stderr } = await sluice(['story', 'answer', 's1', '--answer', 'Q1=x'], { data: web.data })

  expect(code).toBe(1)
  expect(stderr).toContain('Story s1 asks nothing.')
})
