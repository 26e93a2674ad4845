/** What is kept: the notes, in memory or in one JSON file. */
import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { Note, NoteFields, NoteState } from './notes.ts'

export type Store = {
  /** Newest change first. */
  list(state?: NoteState): Note[]
  get(id: string): Note | undefined
  add(fields: NoteFields): Note
  change(id: string, changes: Partial<NoteFields>): Note | undefined
  remove(id: string): boolean
}

export type StoreOptions = { file?: string; notes?: NoteFields[]; now?: () => Date }

/** With a `file` every change is written before it is answered; `notes` are put on a board that is new. */
export function openStore({ file, notes: first = [], now = () => new Date() }: StoreOptions = {}): Store {
  const saved = file === undefined ? undefined : load(file)
  const notes = new Map((saved ?? []).map((note) => [note.id, note]))
  const save = () => file !== undefined && write(file, [...notes.values()])

  function put(note: Note): Note {
    notes.set(note.id, note)
    save()
    return note
  }

  const store: Store = {
    list: (state) =>
      [...notes.values()]
        .filter((note) => state === undefined || note.state === state)
        .toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt)),
    get: (id) => notes.get(id),
    add(fields) {
      const at = now().toISOString()
      return put({ id: randomUUID(), ...fields, createdAt: at, updatedAt: at })
    },
    change(id, changes) {
      const note = notes.get(id)
      return note && put({ ...note, ...changes, updatedAt: now().toISOString() })
    },
    remove(id) {
      const removed = notes.delete(id)
      if (removed) save()
      return removed
    },
  }
  if (saved === undefined) {
    const at = now().toISOString()
    for (const fields of first) put({ id: randomUUID(), ...fields, createdAt: at, updatedAt: at })
  }
  return store
}

function load(file: string): Note[] | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Note[]
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Error(`The board in ${file} cannot be read.`, { cause: error })
  }
}

/** A crash while writing must not lose the old board: the new one is moved over it. */
function write(file: string, notes: Note[]): void {
  writeFileSync(`${file}.new`, JSON.stringify(notes, null, 2))
  renameSync(`${file}.new`, file)
}
