/** That a card stays small, whatever an agent asks and however it is written. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cardOf, chosenText } from './card.ts'
import type { Event } from './events.ts'
import { evolve, type Story } from './story.ts'

test('a story that asks a page of questions in any script has a card under 2 kB', () => {
  const corpus = readFileSync(new URL('../corpus/0.1-story.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n')
  const [first] = corpus.map((line) => JSON.parse(line) as Event)
  const story = first && evolve(null, first)
  if (!story) throw new Error('The corpus begins no story.')
  const questions = Array.from({ length: 40 }, (_, i) => ({
    id: `Q${i}`,
    text: '「どちら」 "\u0001" 👩‍💻 '.repeat(40),
  }))
  const roles = ['analyst', 'designer', 'architect', 'implementer', 'security', 'refactor', 'generic']
  const choices = Object.fromEntries(
    roles.map((role) => [role, { engine: 'acp:a-long-one', model: `${role}-${'m'.repeat(100)}` }]),
  )
  const scope = { at: 'paused', request: 'r', waiting: { kind: 'questions', questions }, since: story.updated }
  const asking = {
    ...story,
    submitted: { ...story.submitted, title: 'ü"'.repeat(400), choices },
    steps: { ...story.steps, scope },
  }

  const card = cardOf(asking as unknown as Story, 1)

  expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThan(2_048)
  expect([card.title.endsWith('…'), card.waitingFor?.endsWith('…')]).toEqual([true, true])
})

test('what roles work with is said once where it is the same for all', () => {
  const all = { model: 'm', effort: 'max' as const }

  expect(chosenText({ analyst: all, designer: all })).toBe('m max')
  expect(chosenText({ implementer: { engine: 'claude-code' }, analyst: all })).toBe(
    'implementer: claude-code, analyst: m max',
  )
  expect(chosenText()).toBe('')
})
