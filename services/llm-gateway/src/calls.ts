/** Calls that cost: reserved, held to the limiter, sent, kept under their key, entered in the books. */
import { createHash } from 'node:crypto'
import type { Log } from '@sluice/kit/log.ts'
import { messageReader } from '@sluice/kit/message-reader.ts'
import { type Price, worstCaseUsd } from '@sluice/kit/prices.ts'
import type { Usage } from '@sluice/proto/parts.ts'
import type { LedgerEntry } from '@sluice/proto/rest.ts'
import { type Answering, type Head, openAnswering } from './answering.ts'
import type { Answers, Kept, Place } from './answers.ts'
import type { Begun } from './begun.ts'
import { accountsFor, amountOf, type Books, usageFor } from './books.ts'
import { limitsOf, storyAccount } from './budget.ts'
import { dayOf } from './day.ts'
import { endOfMessage } from './end-of-message.ts'
import type { Limiter, Turn } from './limiter.ts'
import type { OpenLines } from './lines.ts'
import { heldBack, keyOfAnother, overBudget, type Problem, unknownRun, unreachable } from './problem.ts'
import type { ModelRequest } from './request.ts'
import type { OpenedRun } from './runs.ts'
import type { RateLimitPolicy } from './settings.ts'
import { counted, headersBack, type Upstream } from './upstream.ts'

/** One request that costs, read and priced. */
export type Asked = {
  run: OpenedRun
  request: ModelRequest
  price: Price
  promptTokens: number
  /** As it leaves; `path` with its query. */
  body: string
  path: string
  headers: Headers
  /** Given, the answer is kept and heard again by who asks for it again. */
  key: string | null
}

export type Calls = {
  /** Joins the call that is under way for this key, hears what was kept of it, or makes it. */
  answer(asked: Asked, gone: AbortSignal): Promise<Heard>
  /** The run is over: what it was answered is forgotten, what it still asks is given up. */
  forget(run: OpenedRun): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type Heard = { head: Head; body(cut: () => Promise<void>): ReadableStream<Uint8Array> | null }

export type CallMeans = {
  answers: Answers
  books: Books
  lines: OpenLines
  limiter: Limiter
  upstream: Upstream
  policy: RateLimitPolicy
  /** How long a call waits here in all before somebody else goes on. */
  longestMs: number
  /** How long an answer is read on with nobody listening, and after what silence it is taken for dead. */
  lingerMs?: number
  silentMs?: number
  log: Log
  enter(entry: LedgerEntry): Promise<void>
  /** Told when an answer is on the disk: what a test kills the process by. */
  onStep?(step: 'sent' | 'kept'): void
}

const LINGER_MS = 10 * 60_000
const SILENT_MS = 60_000
/** Of one answer, in bytes: the API's own longest are a fraction of it. */
const MOST_BYTES = 64e6

export function openCalls(means: CallMeans): Calls {
  const { answers, lingerMs = LINGER_MS, silentMs = SILENT_MS } = means
  const underWay = new Map<string, Answering>()
  const all = new Set<Answering>()
  const working = new Set<Promise<void>>()

  function begin(asked: Asked, key: KeyedPlace | null): Answering {
    const answering = openAnswering({ asked: key?.digest ?? '', lingerMs: key ? lingerMs : 0 })
    all.add(answering)
    if (key) underWay.set(key.name, answering)
    const work = makeCall(means, asked, key, answering)
      .catch((error: unknown) => {
        answering.fail(error)
        answering.end('cut')
        if (!answering.signal.aborted) means.log.error({ error, storyId: asked.run.storyId }, 'a call failed')
      })
      .finally(() => {
        all.delete(answering)
        working.delete(work)
        if (key && underWay.get(key.name) === answering) underWay.delete(key.name)
      })
    working.add(work)
    return answering
  }

  return {
    async answer(asked, gone) {
      const key = placeOf(asked)
      const known = key ? underWay.get(key.name) : undefined
      if (key && known?.isDead(silentMs)) {
        known.giveUp()
        underWay.delete(key.name)
      }
      const joined = key ? underWay.get(key.name) : undefined
      // Nothing is awaited between looking and beginning: of two that ask at once, one makes the call.
      const answering = joined ?? begin(asked, key)
      if (key && answering.asked !== key.digest) return told(keyOfAnother)
      let cut: () => Promise<void> = async () => undefined
      const stream = answering.listen(gone, () => cut())
      const head = await answering.head.catch((error: unknown) => {
        if (gone.aborted) return headOf(unknownRun)
        throw error
      })
      if (head.body !== undefined) return { head, body: () => null }
      return {
        head,
        body(breakOff) {
          cut = breakOff
          return stream
        },
      }
    },
    async forget(run) {
      for (const runId of spacesOf(run)) {
        const space = { storyId: run.storyId, role: run.role, runId }
        for (const [name, answering] of underWay) if (name.startsWith(`${nameOf(space)} `)) answering.giveUp()
        await answers.forget(space)
      }
    },
    async [Symbol.asyncDispose]() {
      for (const answering of all) answering.giveUp()
      await Promise.allSettled(working)
    },
  }
}

// ── keys ─────────────────────────────────────────────────────────────────────

type KeyedPlace = Place & { name: string; digest: string }

const spacesOf = ({ runId, continues = [] }: OpenedRun): string[] => [runId, ...continues]
const nameOf = ({ storyId, role, runId }: Omit<Place, 'key'>): string => `${storyId} ${role} ${runId}`

/** `<run>/<turn>` belongs to that run, if it is this one or one that it goes on from; whatever else is said belongs to this one. */
function placeOf({ run, key, body, path, headers }: Asked): KeyedPlace | null {
  if (key === null) return null
  const runId = spacesOf(run).find((id) => key.startsWith(`${id}/`)) ?? run.runId
  const space = { storyId: run.storyId, role: run.role, runId }
  const said = ['anthropic-version', 'anthropic-beta'].map((name) => headers.get(name))
  return { ...space, key, name: `${nameOf(space)} ${key}`, digest: digestOf([path, said, body]) }
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('base64url')

// ── one call ─────────────────────────────────────────────────────────────────

async function makeCall(means: CallMeans, asked: Asked, key: KeyedPlace | null, answering: Answering): Promise<void> {
  const kept = key && (await means.answers.find(key))
  if (kept) return replay(kept, key, answering)

  const waited = waitingFrom(means.longestMs)
  const reserved = await reserveFor(means, asked, key, answering)
  if (!reserved) return
  for (;;) {
    const taken = await takeTurn(means, asked, reserved, { answering, leftMs: waited.leftMs() })
    if (!taken) return
    using turn = taken
    const response = await send(means, asked, reserved, answering)
    if (!response) return
    turn.heard(response)
    // The provider has no room: the call waits here for its turn, rather than every replica for itself.
    if (isRefusal(response.status)) {
      await response.body?.cancel().catch(() => undefined)
      await means.books.unsent(reserved)
      continue
    }
    return await passOn(means, asked, reserved, { response, answering, key })
  }
}

const isRefusal = (status: number): boolean => status === 429 || status === 529

function waitingFrom(longestMs: number) {
  const began = Date.now()
  return { leftMs: () => Math.max(0, longestMs - (Date.now() - began)) }
}

/** Byte for byte as it was, and marked: it costs nothing, and is in nobody's usage again. */
function replay(kept: Kept, key: KeyedPlace, answering: Answering): void {
  if (kept.asked !== key.digest) {
    tell(answering, keyOfAnother)
    return
  }
  answering.begin({ status: kept.status, headers: new Headers([...kept.headers, ['x-sluice-replayed', kept.at]]) })
  answering.push(kept.body)
  answering.end('whole')
}

/** Null when it was sent away: on a line of the budget, or because its neighbours hold what is left. */
async function reserveFor(
  { books, lines, enter, upstream, policy }: CallMeans,
  { run, request, price, promptTokens, body }: Asked,
  key: KeyedPlace | null,
  answering: Answering,
): Promise<Begun | null> {
  const { storyId, role, runId, replica, login, budgetUsd } = run
  const usd = login ? 0 : worstCaseUsd(promptTokens, request.max_tokens, price)
  const worst = { ...usageFor(worstApi({ promptTokens, maxTokens: request.max_tokens }), price, login), costUsd: usd }
  const digest = key ? digestOf([storyId, role, key.runId, key.key]).slice(0, 22) : crypto.randomUUID()
  const call: Begun = {
    ...{ id: books.nameFor(digest), storyId, role, runId, model: request.model, host: upstream.host, worst },
    ...{ bytesOut: Buffer.byteLength(body), at: new Date().toISOString() },
    ...(replica && { replica }),
    ...(login && { login }),
    ...(key && { kept: { runId: key.runId, key: key.key } }),
  }
  const limits = limitsOf({ storyId, role, day: dayOf(call.at) }, run)
  const accounts = accountsFor(call)
  const { signal } = answering
  const reserved = await lines.reserve({ id: call.id, amount: amountOf(worst), accounts, limits, signal })
  if (reserved?.kind === 'reserved') return call

  await books.drop(call)
  signal.throwIfAborted()
  if (!reserved) {
    const resetsAt = new Date(Date.now() + 30_000).toISOString()
    const why = "the story's other calls hold what is left of its budget"
    refuse(run, answering, heldBack({ resetsAt, why }, policy === 'fail' ? 'wait' : policy))
    return null
  }
  const about = { storyId, role, runId, model: request.model, host: upstream.host, bytesOut: 0, bytesIn: 0 }
  await enter({ at: call.at, door: 'model', ...about, outcome: refusalOf(reserved.limit.line) })
  const spentUsd = lines.of(storyAccount(storyId)).spent.usd
  refuse(run, answering, overBudget(reserved, { budgetUsd, spentUsd, neededUsd: usd }))
  return null
}

const refusalOf = (line: string): string => `refused: budget${line === 'hard' ? '' : `, line ${line}`}`

const worstApi = ({ promptTokens, maxTokens }: { promptTokens: number; maxTokens: number }) =>
  counted({ usage: null, final: false }, { promptTokens, maxTokens })

async function takeTurn(
  { books, limiter, policy }: CallMeans,
  { run, request }: Asked,
  call: Begun,
  { answering, leftMs }: { answering: Answering; leftMs: number },
): Promise<Turn | null> {
  try {
    const account = run.login ? 'login' : 'key'
    const place = { account, model: request.model, storyId: run.storyId }
    const turn = await limiter.take({ ...place, longestMs: leftMs, signal: answering.signal })
    if (turn.kind === 'turn') return turn
    await books.drop(call)
    refuse(run, answering, heldBack(turn, policy))
    return null
  } catch (error) {
    await books.drop(call)
    throw error
  }
}

/** Null when it did not arrive. */
async function send(
  { books, upstream, onStep }: CallMeans,
  { run, body, path, headers, key }: Asked,
  call: Begun,
  answering: Answering,
): Promise<Response | null> {
  await books.begin(call)
  answering.sent()
  try {
    const sending = upstream.send({
      method: 'POST',
      path,
      headers: asOf(run, headers, key),
      body,
      login: run.login,
      signal: answering.signal,
    })
    onStep?.('sent')
    const response = await sending
    run.refused = null
    return response
  } catch (error) {
    const code = codeOf(error)
    // Once it was on its way it may have been begun, and be billed; only what never reached the provider is free.
    const usage = unreached.has(code) ? null : call.worst
    await books.end(call, ended({ usage, estimated: usage !== null, outcome: `failed: ${code}`, bytesIn: 0 }))
    tell(answering, unreachable(code))
    return null
  }
}

/** Seats that are asked together share a run's name: above, each one's keys must be its own. */
function asOf({ role }: OpenedRun, headers: Headers, key: string | null): Headers {
  const sent = new Headers(headers)
  if (key !== null) sent.set('idempotency-key', `${key}@${role}`)
  return sent
}

const ended = <E extends object>(how: E) => ({ ...how, at: new Date().toISOString() })

type Passing = { response: Response; answering: Answering; key: KeyedPlace | null }

/** The answer as it comes, but for its end: that passes once all of it is kept and entered. */
async function passOn(
  means: CallMeans,
  asked: Asked,
  call: Begun,
  { response, answering, key }: Passing,
): Promise<void> {
  const contentType = response.headers.get('content-type') ?? ''
  const isStream = contentType.includes('text/event-stream')
  const reader = messageReader(contentType)
  const end = endOfMessage()
  const chunks: Uint8Array[] = []
  const worst = { promptTokens: asked.promptTokens, maxTokens: asked.request.max_tokens }
  let bytesIn = 0
  let learnt = false
  answering.begin({ status: response.status, headers: headersBack(response) })
  if (!isStream) answering.hold()

  const whole = await readAll()
  const reported = reader.message()
  // Refusals are not billed.
  const usage = response.ok ? usageFor(counted(reported, worst), asked.price, call.login) : null
  const isAnswer = whole && response.ok && reported.final && (!isStream || end.seen())
  if (isAnswer && key) await keep(usage as Usage)
  const outcome = whole ? String(response.status) : `${response.status}, cut`
  await means.books.end(call, ended({ usage, estimated: usage !== null && !reported.final, outcome, bytesIn }))
  answering.end(whole ? 'whole' : 'cut')

  async function readAll(): Promise<boolean> {
    try {
      for await (const chunk of response.body ?? []) {
        bytesIn += chunk.length
        if (bytesIn > MOST_BYTES) throw new Error('The answer is longer than any.')
        reader.read(chunk)
        if (isStream && end.read(chunk)) answering.hold()
        if (key) chunks.push(chunk)
        answering.push(chunk)
        await learn()
      }
      return true
    } catch {
      await response.body?.cancel().catch(() => undefined)
      return false
    }
  }

  /** What went in is known from the first event on: killed now, only what comes out is guessed. */
  async function learn(): Promise<void> {
    const { usage } = reader.message()
    if (learnt || !usage || !isStream) return
    learnt = true
    const atMost = usageFor(counted({ usage, final: false }, worst), asked.price, call.login)
    // Not written, the whole worst case stands.
    await means.books.learn(call, atMost).catch(() => undefined)
  }

  async function keep(paid: Usage): Promise<void> {
    const { id } = call
    const headers = [...headersBack(response)] as [string, string][]
    const about = { id, asked: answering.asked, status: response.status, headers, usage: paid }
    await means.answers
      .keep(key as KeyedPlace, { ...about, at: new Date().toISOString(), body: Buffer.concat(chunks) })
      // The caller gets it all the same; asked again it would be paid again.
      .catch((error: unknown) => means.log.error({ error, storyId: call.storyId }, 'an answer could not be kept'))
    means.onStep?.('kept')
  }
}

// ── what is said to the caller ───────────────────────────────────────────────

function refuse(run: OpenedRun, answering: Answering, problem: Problem): void {
  run.refused = problem.waiting ?? null
  tell(answering, problem)
}

function tell(answering: Answering, problem: Problem): void {
  answering.begin(headOf(problem))
  answering.end('whole')
}

const told = (problem: Problem): Heard => ({ head: headOf(problem), body: () => null })

export function headOf({ status, type, message, details, headers }: Problem): Head {
  const body = JSON.stringify({ type: 'error', error: { type, message, ...(details ? { details } : {}) } })
  return { status, headers: new Headers({ 'content-type': 'application/json', ...headers }), body }
}

const unreached = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** `fetch failed` says nothing; its cause does. Messages stay here: they could name what they were sent. */
export function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined
  return cause?.code ?? (error instanceof Error ? error.name : 'unknown')
}
