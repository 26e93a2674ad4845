/** What the command line asks of `web`: the session token on every request, every refusal as its sentence and its mend. */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Refusal } from '@sluice/kit/errors.ts'
import { Problem } from '@sluice/proto/rest.ts'
import { z } from 'zod'

export type Rest = {
  /** `waitMs`: for what takes longer than a page has patience for. */
  get<S extends z.ZodType>(path: string, schema: S, waitMs?: number): Promise<z.infer<S>>
  /** An artifact's content. */
  text(path: string): Promise<string>
  /** An answer that goes on for as long as there is something to say. */
  stream(path: string): Promise<ReadableStream<Uint8Array>>
  post<S extends z.ZodType>(path: string, body: unknown, schema: S, waitMs?: number): Promise<z.infer<S>>
  /** Bytes under their own name. */
  put(path: string, bytes: Buffer): Promise<void>
  remove(path: string): Promise<void>
}

/** A supervisor starts a fallen `web` anew within this time, and a command sent twice with its key is one command. */
const PATIENCE_MS = 2_000
const AGAIN_MS = 100
/** A service that is told to leave may take some seconds for it, and web waits for that. */
const ANSWER_MS = 60_000

export type Place = { origin: string; token: string; patienceMs?: number; signal?: AbortSignal }

export function restOf(place: Place): Rest {
  return {
    get: async (path, schema, waitMs) => parsed(await ask(place, path, { waitMs }), schema),
    text: async (path) => (await ask(place, path, {})).text(),
    stream: async (path) => (await ask(place, path, { endless: true })).body ?? new ReadableStream(),
    async post(path, body, schema, waitMs) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() }
      return parsed(await ask(place, path, { method: 'POST', headers, body: JSON.stringify(body), waitMs }), schema)
    },
    async put(path, bytes) {
      const headers = { 'content-type': 'application/octet-stream' }
      await ask(place, path, { method: 'PUT', headers, body: new Uint8Array(bytes) })
    },
    async remove(path) {
      await ask(place, path, { method: 'DELETE', headers: { 'idempotency-key': randomUUID() } })
    },
  }
}

type Asking = {
  method?: string
  headers?: object
  body?: string | Uint8Array<ArrayBuffer>
  endless?: boolean
  waitMs?: number | undefined
}

async function ask(
  place: Place,
  path: string,
  { endless = false, waitMs = ANSWER_MS, ...init }: Asking,
): Promise<Response> {
  const { origin, token, patienceMs = PATIENCE_MS, signal } = place
  const until = Date.now() + patienceMs
  for (;;) {
    const late = endless ? new AbortController().signal : AbortSignal.timeout(waitMs)
    try {
      const headers = { ...init.headers, authorization: `Bearer ${token}` }
      const reply = await fetch(origin + path, {
        ...init,
        headers,
        signal: signal ? AbortSignal.any([signal, late]) : late,
      })
      if (reply.ok) return reply
      throw await refusalOf(reply)
    } catch (error) {
      if (error instanceof Refusal) throw error
      signal?.throwIfAborted()
      if (late.aborted || Date.now() >= until) throw silence(origin, error)
      await delay(AGAIN_MS, undefined, signal && { signal })
    }
  }
}

/** The body of an answer that goes on for as long as both sides like; one try. */
export async function askStream(
  { origin, token }: Place,
  path: string,
  { lastEventId, signal }: { lastEventId?: string; signal: AbortSignal },
): Promise<AsyncIterable<Uint8Array>> {
  const headers = { authorization: `Bearer ${token}`, ...(lastEventId ? { 'last-event-id': lastEventId } : {}) }
  const reply = await fetch(origin + path, { headers, signal }).catch((cause: unknown) => {
    signal.throwIfAborted()
    throw silence(origin, cause)
  })
  if (!reply.ok || !reply.body) throw await refusalOf(reply)
  return reply.body
}

async function refusalOf(reply: Response): Promise<Refusal> {
  const text = await reply.text()
  const problem = Problem.safeParse(jsonOrNull(text))
  if (!problem.success) {
    return new Refusal(
      `web answered ${reply.status} without saying why.`,
      'Look into logs/web.1.log of the data directory (`sluice doctor` names it).',
    )
  }
  const { error, mend, current } = problem.data
  const now = current ? ` On the table now: ${current.gate} with digest ${current.digest.slice(0, 12)}.` : ''
  return new Refusal(error, mend + now)
}

const silence = (origin: string, cause: unknown): Refusal =>
  new Refusal(`Sluice does not answer at ${origin}.`, 'Wait a moment and try again; `sluice doctor` says what runs.', {
    cause,
  })

async function parsed<S extends z.ZodType>(reply: Response, schema: S): Promise<z.infer<S>> {
  const body = schema.safeParse(jsonOrNull(await reply.text()))
  if (body.success) return body.data
  const problem = `web answered what this version of the command cannot read (${z.prettifyError(body.error).split('\n')[0]}).`
  throw new Refusal(problem, 'Stop Sluice and start it again from this checkout.')
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
