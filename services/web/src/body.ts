/** What a request says, read once at the edge: JSON that fits, no more of it than is wanted, and the key under which it is said. */
import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import type { z } from 'zod'
import { refuse } from './refused.ts'

/** 64 kB of text, each character written as JSON's longest, and what stands around it. */
const MOST_JSON_BYTES = 6 * 64 * 1024 + 16 * 1024

/** The body as JSON; an empty one is an empty object. `less` says how to have it shorter. */
export async function jsonOf(c: Context, less = 'A story may have 64 kB of text.'): Promise<unknown> {
  const bytes = await bytesUpTo(c, MOST_JSON_BYTES)
  if (!bytes) return refuse(413, 'The body is too long.', less)
  const text = bytes.toString()
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return refuse(400, 'The body is not JSON.', 'Send one JSON object.')
  }
}

/** Null when there are more. Read to the end all the same: who is cut off while sending does not hear why. */
export async function bytesUpTo(c: Context, most: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.length
    if (size <= most) chunks.push(chunk)
    else chunks.length = 0
  }
  return size <= most ? Buffer.concat(chunks) : null
}

/** A field nobody knows is a mistake, not something to pass over. */
export function understood<S extends z.ZodObject>(schema: S, body: unknown): z.infer<S> {
  const read = schema.strict().safeParse(body)
  if (read.success) return read.data as z.infer<S>
  const [issue] = read.error.issues
  const what = [issue?.path.join('.'), issue?.message].filter(Boolean).join(': ')
  return refuse(400, `The body does not fit: ${what}.`, `It may hold ${Object.keys(schema.shape).join(', ')}.`)
}

/** The same key again is the same event; without one every request is another. */
export function keyOf(c: Context): string {
  const key = c.req.header('idempotency-key')
  if (key === undefined) return randomUUID()
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    refuse(400, 'The Idempotency-Key cannot be used.', 'Send up to 200 visible ASCII characters, a UUID for example.')
  return key
}
