/** What a note is, and how one is read from what somebody sent. */

export type NoteState = 'draft' | 'posted'

export type Note = {
  id: string
  title: string
  body: string
  state: NoteState
  /** ISO 8601, UTC. */
  createdAt: string
  updatedAt: string
}

export type NoteFields = Pick<Note, 'title' | 'body' | 'state'>

export const TITLE_MAX = 80
export const BODY_MAX = 2_000

/** What was sent cannot become a note; the message says why, to the person who sent it. */
export class InvalidNote extends Error {
  override name = 'InvalidNote'
}

export function parseNewNote(input: unknown): NoteFields {
  const fields = parseChanges(input)
  if (fields.title === undefined) throw new InvalidNote('A note needs a title.')
  return { title: fields.title, body: fields.body ?? '', state: fields.state ?? 'posted' }
}

export function parseChanges(input: unknown): Partial<NoteFields> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw new InvalidNote('Send a JSON object.')
  const { title, body, state } = input as Record<string, unknown>
  return {
    ...(title !== undefined && { title: parseText(title, 'title', TITLE_MAX, 1) }),
    ...(body !== undefined && { body: parseText(body, 'body', BODY_MAX, 0) }),
    ...(state !== undefined && { state: parseState(state) }),
  }
}

export function parseState(value: unknown): NoteState {
  if (value === 'draft' || value === 'posted') return value
  throw new InvalidNote('The state is "draft" or "posted".')
}

function parseText(value: unknown, field: string, max: number, min: number): string {
  if (typeof value !== 'string') throw new InvalidNote(`The ${field} must be text.`)
  const text = value.trim()
  if (text.length < min) throw new InvalidNote(`The ${field} is empty.`)
  if (text.length > max) throw new InvalidNote(`The ${field} has ${text.length} characters; ${max} are allowed.`)
  return text
}
