/** What one route of REST is, as the contract says it: who may ask, what they send, what is answered. */
import { z } from 'zod'

/** Whose token opens it; `anyone` on this machine where none is asked for. */
export type Asker = 'person' | 'seat' | 'house' | 'anyone'

export type Content = {
  mediaType: string
  /** None for bytes. */
  schema?: z.ZodType
  example?: unknown
}

export type Reply = {
  says: string
  content?: Content
  /** What it may be instead, by what was asked. */
  or?: Content
}

export type Param = { says: string; schema: z.ZodType; required?: boolean }

export type Route = {
  method: 'get' | 'post' | 'put' | 'delete'
  /** As Hono writes it: `/api/stories/:id`. */
  path: string
  /** The route that answers it, where one answers several. */
  servedBy?: string
  /** Unique, for who makes a client of it. */
  id: string
  tag: string
  summary: string
  about?: string
  asker: Asker
  /** What the names in the path mean. */
  params?: Record<string, string>
  query?: Record<string, Param>
  headers?: Record<string, Param>
  body?: Content
  /** The same `Idempotency-Key` again is the same event. */
  keyed?: boolean
  replies: Record<number, Reply>
  /** What may be refused besides what every route refuses: status and when. */
  refuses?: Record<number, string>
}

/** JSON of this schema; the example must fit it. */
export const json = <S extends z.ZodType>(schema: S, example: z.input<S>): Content => ({
  ...{ mediaType: 'application/json', schema, example },
})

export const stream = (schema: z.ZodType, example: string): Content => ({
  ...{ mediaType: 'text/event-stream', schema, example },
})

export const bytes = (mediaType: string): Content => ({ mediaType })

export const text = (says: string, more: Partial<Param> = {}): Param => ({ says, schema: z.string(), ...more })
