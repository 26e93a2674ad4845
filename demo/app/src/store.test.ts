import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openStore } from './store.ts'

const NOTE = { title: 'Bread', body: 'Less water.', state: 'posted' } as const

test('the note changed last comes first', () => {
  let minute = 0
  const store = openStore({ now: () => new Date(Date.UTC(2026, 0, 1, 0, minute++)) })
  const bread = store.add(NOTE)
  store.add({ ...NOTE, title: 'Bicycle' })

  store.change(bread.id, { body: 'Even less water.' })

  assert.deepEqual(store.list().map((note) => note.title), ['Bread', 'Bicycle'])
})

test('drafts can be asked for alone', () => {
  const store = openStore({ notes: [NOTE, { ...NOTE, title: 'Letter', state: 'draft' }] })

  assert.deepEqual(store.list('draft').map((note) => note.title), ['Letter'])
})

test('a board in a file is there again after a restart, without the examples', (t) => {
  const file = join(folder(t), 'board.json')
  const store = openStore({ file, notes: [NOTE] })
  store.remove(store.list()[0]?.id ?? '')
  const kept = store.add({ ...NOTE, title: 'Kept' })

  assert.deepEqual(openStore({ file, notes: [NOTE] }).list(), [kept])
})

test('a board that cannot be read is not overwritten', (t) => {
  const file = join(folder(t), 'board.json')
  writeFileSync(file, '{"half')

  assert.throws(() => openStore({ file }), /cannot be read/)
})

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'corkboard-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}
