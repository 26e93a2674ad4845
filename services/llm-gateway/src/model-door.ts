/** The first door: the Messages API for runs. Reserves the worst case, passes the answer through, settles by what it reports. */
import { randomUUID } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import type { Log } from '@sluice/kit/log.ts'
import { type Price, type Prices, priceOf, usageOf, worstCaseUsd } from '@sluice/kit/prices.ts'
import type { Spent } from '@sluice/kit/spend.ts'
import type { Usage } from '@sluice/proto/parts.ts'
import type { LedgerEntry } from '@sluice/proto/rest.ts'
import { type Context as AnyContext, Hono } from 'hono'
import type { Lines } from './lines.ts'
import { ModelRequest, promptTokensAtMost } from './request.ts'
import { bearer, type OpenedRun, type Runs } from './runs.ts'
import { counted, headersBack, type Passed, type Upstream, watched } from './upstream.ts'

type Context = AnyContext<{ Bindings: HttpBindings }>

export type ModelDoor = {
  runs: Runs
  lines: Lines
  upstream: Upstream
  prices?: Prices
  log: Log
  /** Calls that have ended and are being written down. */
  settlements: Set<Promise<void>>
  enter(entry: Omit<LedgerEntry, 'at' | 'door'>): Promise<void>
  publishUsage(said: Spent): Promise<void>
}

export function modelDoor(door: ModelDoor): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  const withRun = (answer: (c: Context, run: OpenedRun) => Promise<Response>) => (c: Context) => {
    const run = door.runs.of(bearer(c.req.header('authorization')) ?? c.req.header('x-api-key') ?? '')
    return run
      ? answer(c, run)
      : problem(c, 401, 'authentication_error', 'This run is not known here: open it again.', {
          error_code: 'run_unknown',
        })
  }
  app.post(
    '/messages',
    withRun((c, run) => answerMessage(door, c, run)),
  )
  app.post(
    '/messages/count_tokens',
    withRun((c, run) => passFree(door, c, run)),
  )
  app.get(
    '/models',
    withRun((c, run) => passFree(door, c, run)),
  )
  app.get(
    '/models/:id',
    withRun((c, run) => passFree(door, c, run)),
  )
  app.notFound((c) => problem(c, 404, 'not_found_error', `This gateway has no ${c.req.method} ${c.req.path}.`))
  return app
}

type Status = 400 | 401 | 402 | 404 | 429 | 502

const problem = (c: Context, status: Status, type: string, message: string, details?: object): Response =>
  c.json({ type: 'error', error: { type, message, ...(details ? { details } : {}) } }, status)

// ── calls that cost ──────────────────────────────────────────────────────────

type Costing = { id: string; run: OpenedRun; price: Price; request: ModelRequest; promptTokens: number; body: string }

async function answerMessage(door: ModelDoor, c: Context, run: OpenedRun): Promise<Response> {
  const read = ModelRequest.safeParse(await c.req.json().catch(() => null))
  if (!read.success)
    return problem(
      c,
      400,
      'invalid_request_error',
      read.error.issues.map((i) => `${i.path.join('.')} ${i.message}`.trim()).join('; '),
    )
  const request = read.data
  const price = priceOf(request.model, door.prices)
  if (!price)
    return problem(
      c,
      400,
      'invalid_request_error',
      `What ${request.model} costs is not known: name its five prices under prices in config.yaml.`,
    )

  const promptTokens = promptTokensAtMost(request)
  // Said anew from what was read: a name that stands twice in the JSON means one thing here and may mean another there.
  const call = { id: randomUUID(), run, price, request, promptTokens, body: JSON.stringify(request) }
  const refused = await reserveFor(door, c, call)
  return refused ?? passCosting(door, c, call)
}

/** The answer that sends the call away, if it has to be. */
async function reserveFor(door: ModelDoor, c: Context, { id, run, price, request, promptTokens }: Costing) {
  const { storyId, budgetUsd, role, runId } = run
  const usd = worstCaseUsd(promptTokens, request.max_tokens, price)
  const reserved = await door.lines.reserve({ storyId, id, usd, budgetUsd, signal: c.req.raw.signal })
  if (reserved?.kind === 'reserved') return null
  if (!reserved) {
    c.header('retry-after', '10')
    return problem(
      c,
      429,
      'rate_limit_error',
      "The story's other calls hold what is left of its budget: try again when they have ended.",
    )
  }
  const { spentUsd, neededUsd } = reserved
  const said = (n: number) => `$${n.toFixed(2)}`
  await door.enter({ ...nothingSent(door), storyId, role, runId, model: request.model, outcome: 'refused: budget' })
  const message = `This call may cost ${said(neededUsd)}, ${said(spentUsd)} are spent, and the story's budget is ${said(budgetUsd)}.`
  return problem(c, 402, 'billing_error', message, { error_code: 'story_budget', spentUsd, neededUsd, budgetUsd })
}

const nothingSent = ({ upstream }: ModelDoor) => ({ host: upstream.host, bytesOut: 0, bytesIn: 0 })

async function passCosting(door: ModelDoor, c: Context, call: Costing): Promise<Response> {
  const { run, request, promptTokens, price, body } = call
  const close = async (usage: Usage | null, bytesIn: number, outcome: string) => {
    door.lines.settle(run.storyId, call.id, usage?.costUsd ?? 0)
    const { storyId, role, runId } = run
    const about = { storyId, role, runId, model: request.model, ...(usage ? { usage } : {}) }
    await door.enter({ host: door.upstream.host, bytesOut: Buffer.byteLength(body), bytesIn, outcome, ...about })
    if (!usage) return
    await door
      .publishUsage({ id: call.id, storyId, runId, role, model: request.model, usage })
      .catch((error: unknown) => door.log.error({ error, storyId, usage }, 'usage could not be published'))
  }

  const worst = { promptTokens, maxTokens: request.max_tokens }
  let response: Response
  try {
    response = await send(door, c, run, body)
  } catch (error) {
    // Once it was on its way it may have been begun, and be billed; only what never reached the provider is free.
    const usage = unreached.has(codeOf(error)) ? null : usageOf(counted({ usage: null, final: false }, worst), price)
    await close(usage, 0, `failed: ${codeOf(error)}`)
    return problem(c, 502, 'api_error', `The model's API cannot be reached: ${codeOf(error)}.`)
  }
  const onEnd = ({ reported, bytesIn, outcome }: Passed) => {
    // Refusals are not billed.
    const usage = response.ok ? usageOf(counted(reported, worst), price) : null
    return settling(
      door,
      close(usage, bytesIn, outcome === 'whole' ? String(response.status) : `${response.status}, cut`),
    )
  }
  return new Response(watched(response, { onEnd, cut: () => breakOff(c) }), {
    status: response.status,
    headers: headersBack(response),
  })
}

// ── calls that do not ────────────────────────────────────────────────────────

async function passFree(door: ModelDoor, c: Context, run: OpenedRun): Promise<Response> {
  const { storyId, role, runId } = run
  const body = c.req.method === 'POST' ? await c.req.text() : null
  const about = { host: door.upstream.host, bytesOut: Buffer.byteLength(body ?? ''), storyId, role, runId }
  try {
    const response = await send(door, c, run, body)
    const onEnd = ({ bytesIn }: Passed) => door.enter({ ...about, bytesIn, outcome: String(response.status) })
    return new Response(watched(response, { onEnd, cut: () => breakOff(c) }), {
      status: response.status,
      headers: headersBack(response),
    })
  } catch (error) {
    await door.enter({ ...about, bytesIn: 0, outcome: `failed: ${codeOf(error)}` })
    return problem(c, 502, 'api_error', `The model's API cannot be reached: ${codeOf(error)}.`)
  }
}

/** Remembered until it is done: what a call cost is said before the process ends. */
function settling({ settlements }: ModelDoor, settlement: Promise<void>): Promise<void> {
  settlements.add(settlement)
  return settlement.finally(() => settlements.delete(settlement))
}

/** What was passed so far still arrives; an error in the stream would make the server end it tidily, with words of its own. */
async function breakOff(c: Context): Promise<void> {
  const { outgoing } = c.env
  if (outgoing.destroyed || !outgoing.socket) return
  const closed = new Promise((resolve) => outgoing.once('close', resolve))
  outgoing.socket.destroySoon()
  await closed
}

const send = ({ upstream }: ModelDoor, c: Context, run: OpenedRun, body: string | null): Promise<Response> =>
  upstream.send({
    method: body === null ? 'GET' : 'POST',
    path: `${new URL(c.req.url).pathname}${new URL(c.req.url).search}`,
    headers: c.req.raw.headers,
    body,
    signal: AbortSignal.any([c.req.raw.signal, run.ended]),
  })

const unreached = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** `fetch failed` says nothing; its cause does. Messages stay here: they could name what they were sent. */
function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : undefined
  return cause?.code ?? (error instanceof Error ? error.name : 'unknown')
}
