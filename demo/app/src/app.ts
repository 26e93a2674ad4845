/** The routes: the page, its files, the JSON API. */
import { Hono } from 'hono'
import { asset } from './assets.ts'
import { boardPage } from './board.ts'
import { InvalidNote, parseChanges, parseNewNote, parseState } from './notes.ts'
import type { Store } from './store.ts'

/** The whole app over a store; the clock is handed in. */
export function createApp(store: Store, now: () => Date = () => new Date()): Hono {
  const app = new Hono()

  app.get('/', (c) => c.html(boardPage(store.list(), now()).markup))

  app.get('/assets/:name', (c) => {
    const file = asset(c.req.param('name'))
    return file ? c.body(file.text, 200, { 'content-type': file.type }) : c.notFound()
  })

  app.get('/notes/:id/download', (c) => {
    const note = store.get(c.req.param('id'))
    if (!note) return c.notFound()
    return c.body(`${note.title}\n\n${note.body}\n`, 200, {
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="${fileName(note.title)}.txt"`,
    })
  })

  app.get('/api/notes', (c) => {
    const state = c.req.query('state')
    return c.json(store.list(state === undefined ? undefined : parseState(state)))
  })

  app.get('/api/notes/:id', (c) => {
    const note = store.get(c.req.param('id'))
    return note ? c.json(note) : c.notFound()
  })

  app.post('/api/notes', async (c) => c.json(store.add(parseNewNote(await readJson(c.req))), 201))

  app.patch('/api/notes/:id', async (c) => {
    const note = store.change(c.req.param('id'), parseChanges(await readJson(c.req)))
    return note ? c.json(note) : c.notFound()
  })

  app.delete('/api/notes/:id', (c) => (store.remove(c.req.param('id')) ? c.body(null, 204) : c.notFound()))

  app.notFound((c) => c.json({ error: 'There is nothing here.' }, 404))
  app.onError((error, c) => {
    if (error instanceof InvalidNote) return c.json({ error: error.message }, 400)
    console.error(error)
    return c.json({ error: 'Something went wrong.' }, 500)
  })
  return app
}

async function readJson(request: { json(): Promise<unknown> }): Promise<unknown> {
  try {
    return await request.json()
  } catch (error) {
    throw new InvalidNote('The body is not JSON.', { cause: error })
  }
}

/** Letters, digits and dashes: nothing that means something to a file system or a header. */
const fileName = (title: string): string =>
  title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'note'
