import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createApp } from './app.ts'
import type { Note } from './notes.ts'
import { openStore } from './store.ts'

const board = () => createApp(openStore())
type App = ReturnType<typeof board>

const post = (app: App, body: unknown) =>
  app.request('/api/notes', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })

async function pinned(app: App, fields: object): Promise<Note> {
  return (await (await post(app, { title: 'Bread', ...fields })).json()) as Note
}

test('the board is a page', async () => {
  const answer = await board().request('/')

  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-type') ?? '', /text\/html/)
  assert.match(await answer.text(), /<title>Corkboard<\/title>/)
})

test('a note that was pinned is on the board and in the API', async () => {
  const app = board()

  const note = await pinned(app, { body: 'Less water.' })

  assert.deepEqual(await (await app.request(`/api/notes/${note.id}`)).json(), note)
  assert.match(await (await app.request('/')).text(), /Less water\./)
})

test('a note without a title, or too long, is refused with a sentence', async () => {
  const app = board()

  for (const [body, sentence] of [
    [{ body: 'x' }, /needs a title/],
    [{ title: '   ' }, /title is empty/],
    [{ title: 'x'.repeat(81) }, /81 characters; 80/],
    [{ title: 'x', state: 'gone' }, /"draft" or "posted"/],
    ['{"title":', /not JSON/],
  ] as const) {
    const answer = await post(app, body)
    assert.equal(answer.status, 400)
    assert.match(((await answer.json()) as { error: string }).error, sentence)
  }
})

test('only drafts are listed when drafts are asked for', async () => {
  const app = board()
  await pinned(app, { title: 'Posted' })
  await pinned(app, { title: 'Letter', state: 'draft' })

  const drafts = (await (await app.request('/api/notes?state=draft')).json()) as Note[]

  assert.deepEqual(drafts.map((note) => note.title), ['Letter'])
  assert.equal((await app.request('/api/notes?state=lost')).status, 400)
})

test('a draft can be posted later', async () => {
  const app = board()
  const draft = await pinned(app, { state: 'draft' })

  const answer = await app.request(`/api/notes/${draft.id}`, { method: 'PATCH', body: '{"state":"posted"}' })

  assert.equal(((await answer.json()) as Note).state, 'posted')
})

test('a removed note is gone', async () => {
  const app = board()
  const note = await pinned(app, {})

  assert.equal((await app.request(`/api/notes/${note.id}`, { method: 'DELETE' })).status, 204)
  assert.equal((await app.request(`/api/notes/${note.id}`)).status, 404)
})

test('a note is downloaded under a harmless name', async () => {
  const app = board()
  const note = await pinned(app, { title: '../../"Brot"\r\nX: 1', body: 'Less water.' })

  const answer = await app.request(`/notes/${note.id}/download`)

  assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="brot-x-1.txt"')
  assert.match(await answer.text(), /Less water\./)
})

test('only the files of the page are served', async () => {
  const app = board()

  assert.equal((await app.request('/assets/board.css')).status, 200)
  assert.equal((await app.request('/assets/..%2Fpackage.json')).status, 404)
})
