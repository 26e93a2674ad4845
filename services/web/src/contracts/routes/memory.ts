/** REST of the person about memory: find, see where an entry came from, edit, pin, forget. */
import {
  Commanded,
  EditMemory,
  ForgetMemory,
  MemoryEntryView,
  MemoryHit,
  MemoryState,
  PinMemory,
} from '@sluice/proto/rest.ts'
import { z } from 'zod'
import type { memoryVerbs } from '../../memory.ts'
import { type Content, json, type Route, text } from '../route.ts'
import * as sample from '../samples.ts'

const tag = 'Memory'
const asker = 'person'
const params = { entry: 'The `entry` of a hit.' }
const unknown = { 404: 'Memory holds no such entry.' }

const said: Record<keyof typeof memoryVerbs, { summary: string; body: Content }> = {
  edit: {
    summary: 'Put right what memory holds; null goes back to what was recorded',
    body: json(EditMemory, { text: 'Drafts live in IndexedDB, 30 days.' }),
  },
  pin: { summary: 'It comes first where it fits, or does so no longer', body: json(PinMemory, { pinned: true }) },
  forget: { summary: 'It is told to nobody any more, or is told again', body: json(ForgetMemory, { forgotten: true }) },
}

export const memoryRoutes: Route[] = [
  {
    ...{ method: 'get', path: '/api/memory', id: 'searchMemory', tag, asker, summary: 'Search what is remembered' },
    query: { q: text('What to look for; without it what is pinned, then the newest.') },
    replies: { 200: { says: 'What fits best first.', content: json(z.array(MemoryHit), [sample.memoryHit]) } },
  },
  {
    ...{ method: 'get', path: '/api/memory-state', id: 'memoryState', tag, asker, summary: 'How much is remembered' },
    replies: { 200: { says: 'And how far the base branch is read.', content: json(MemoryState, sample.memoryState) } },
  },
  {
    ...{ method: 'get', path: '/api/memory/:entry', id: 'showMemory', tag, asker, params },
    summary: 'All of one entry, and where it came from',
    replies: { 200: { says: 'Forgotten or not.', content: json(MemoryEntryView, sample.memoryEntry) } },
    refuses: unknown,
  },
  ...Object.entries(said).map(
    ([verb, { summary, body }]): Route => ({
      ...{ method: 'post', path: `/api/memory/:entry/${verb}`, servedBy: '/api/memory/:name/:verb' },
      ...{ id: `${verb}Memory`, tag, asker, summary, keyed: true, params, body },
      replies: { 200: { says: 'The event it became.', content: json(Commanded, { event: sample.eventId }) } },
      refuses: unknown,
    }),
  ),
]
