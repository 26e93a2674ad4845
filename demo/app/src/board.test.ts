import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boardPage } from './board.ts'
import type { Note } from './notes.ts'

const NOW = new Date('2026-03-01T12:00:00Z')
const NOTE: Note = {
  id: 'n1',
  title: 'Bread',
  body: 'Less water.',
  state: 'posted',
  createdAt: '2026-03-01T11:00:00.000Z',
  updatedAt: '2026-03-01T11:55:00.000Z',
}

test('an empty board invites the first note', () => {
  assert.match(boardPage([], NOW).markup, /Nothing is pinned yet/)
})

test('a note shows its title, its text and when it changed', () => {
  const page = boardPage([NOTE], NOW).markup

  assert.match(page, /<h2>Bread<\/h2>/)
  assert.match(page, /Less water\./)
  assert.match(page, /5 min ago/)
})

test('a draft says that it is one', () => {
  assert.match(boardPage([{ ...NOTE, state: 'draft' }], NOW).markup, /class="badge">Draft</)
  assert.doesNotMatch(boardPage([NOTE], NOW).markup, /class="badge"/)
})

test('a note cannot bring markup of its own', () => {
  const page = boardPage([{ ...NOTE, title: '<img src=x onerror=alert(1)>' }], NOW).markup

  assert.match(page, /&lt;img src=x/)
  assert.doesNotMatch(page, /<img/)
})
