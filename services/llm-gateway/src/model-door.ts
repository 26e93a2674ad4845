/** The first door: the Messages API for runs. What costs is read, priced and bounded before anything leaves. */
import type { HttpBindings } from '@hono/node-server'
import { type Prices, priceOf } from '@sluice/kit/prices.ts'
import { RUN_HEADER } from '@sluice/kit/run-header.ts'
import type { LedgerEntry } from '@sluice/proto/rest.ts'
import { type Context as AnyContext, Hono } from 'hono'
import { type Calls, codeOf, headOf } from './calls.ts'
import { goesRound, invalid, noLogin, type Problem, unknownRun, unreachable } from './problem.ts'
import { isCircle, repeatsIn } from './repeats.ts'
import { ModelRequest, promptTokensAtMost } from './request.ts'
import { bearer, type OpenedRun, type Runs } from './runs.ts'
import { headersBack, type Passed, type Upstream, watched } from './upstream.ts'

type Context = AnyContext<{ Bindings: HttpBindings }>

export type ModelDoor = {
  runs: Runs
  calls: Calls
  upstream: Upstream
  prices?: Prices
  /** Same calls of a tool in a row before the person is asked. */
  sameCalls: number
  enter(entry: LedgerEntry): Promise<void>
}

export function modelDoor(door: ModelDoor): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>()
  const withRun = (answer: (c: Context, run: OpenedRun) => Promise<Response>) => (c: Context) => {
    const run = runOf(door, c)
    if (!run) return said(unknownRun)
    return run.login && !c.req.header('authorization') ? said(noLogin) : answer(c, run)
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
  app.notFound((c) =>
    said({ status: 404, type: 'not_found_error', message: `This gateway has no ${c.req.method} ${c.req.path}.` }),
  )
  return app
}

/** Named beside a login where there is one, and in the login's place where there is none: neither passes for the other. */
function runOf({ runs }: ModelDoor, c: Context): OpenedRun | null {
  const beside = c.req.header(RUN_HEADER)
  const run = runs.of(beside ?? bearer(c.req.header('authorization')) ?? c.req.header('x-api-key') ?? '')
  return run && (run.login ?? false) === (beside !== undefined) ? run : null
}

function said(problem: Problem): Response {
  const { body, status, headers } = headOf(problem)
  return new Response(body ?? null, { status, headers })
}

// ── calls that cost ──────────────────────────────────────────────────────────

async function answerMessage({ calls, prices, sameCalls }: ModelDoor, c: Context, run: OpenedRun): Promise<Response> {
  const read = ModelRequest.safeParse(await c.req.json().catch(() => null))
  if (!read.success)
    return said(invalid(read.error.issues.map((i) => `${i.path.join('.')} ${i.message}`.trim()).join('; ')))
  const request = read.data
  const price = priceOf(request.model, prices)
  if (!price)
    return said(invalid(`What ${request.model} costs is not known: name its five prices under prices in config.yaml.`))
  const circle = circleOf(run, request, sameCalls)
  if (circle) {
    run.refused = circle.waiting ?? null
    return said(circle)
  }

  const { head, body } = await calls.answer(
    {
      ...{
        run,
        request,
        price,
        promptTokens: promptTokensAtMost(request),
        path: pathOf(c),
        headers: c.req.raw.headers,
      },
      // Said anew from what was read: a name that stands twice in the JSON means one thing here and may mean another there.
      body: JSON.stringify(request),
      key: c.req.header('idempotency-key') || null,
    },
    AbortSignal.any([c.req.raw.signal, run.ended]),
  )
  return new Response(head.body ?? body(() => breakOff(c)), { status: head.status, headers: head.headers })
}

/** What a run was sent on with it may go on with: counted is what came after. */
function circleOf(run: OpenedRun, request: ModelRequest, most: number): Problem | null {
  const repeats = repeatsIn(request)
  run.repeats ??= run.continues ? repeats.calls : 0
  if (repeats.calls < run.repeats) run.repeats = 0
  return isCircle(repeats, most, run.repeats) ? goesRound(repeats) : null
}

// ── calls that do not ────────────────────────────────────────────────────────

async function passFree({ upstream, enter }: ModelDoor, c: Context, run: OpenedRun): Promise<Response> {
  const { storyId, role, runId } = run
  const body = c.req.method === 'POST' ? await c.req.text() : null
  const bytesOut = Buffer.byteLength(body ?? '')
  const note = (bytesIn: number, outcome: string) => {
    const about = { host: upstream.host, bytesOut, bytesIn, storyId, role, runId, outcome }
    return enter({ at: new Date().toISOString(), door: 'model', ...about })
  }
  try {
    const response = await upstream.send({
      ...{ method: body === null ? 'GET' : 'POST', path: pathOf(c), headers: c.req.raw.headers, body },
      login: run.login,
      signal: AbortSignal.any([c.req.raw.signal, run.ended]),
    })
    const onEnd = ({ bytesIn }: Passed) => note(bytesIn, String(response.status))
    return new Response(watched(response, { onEnd, cut: () => breakOff(c) }), {
      status: response.status,
      headers: headersBack(response),
    })
  } catch (error) {
    await note(0, `failed: ${codeOf(error)}`)
    return said(unreachable(codeOf(error)))
  }
}

const pathOf = (c: Context): string => `${new URL(c.req.url).pathname}${new URL(c.req.url).search}`

/** What was passed so far still arrives; an error in the stream would make the server end it tidily, with words of its own. */
async function breakOff(c: Context): Promise<void> {
  const { outgoing } = c.env
  if (outgoing.destroyed || !outgoing.socket) return
  const closed = new Promise((resolve) => outgoing.once('close', resolve))
  outgoing.socket.destroySoon()
  await closed
}
