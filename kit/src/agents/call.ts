/** One call of the model: tried again by one policy, watched for silence. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type Anthropic from '@anthropic-ai/sdk'
import type { ClientOptions } from '@anthropic-ai/sdk'
import { Pause, TerminalError } from '../errors.ts'
import type { ModelAccess } from '../model-access.ts'
import type { ApiUsage } from '../prices.ts'
import { collect, nothingYet, type Reply } from './stream.ts'
import { type Trouble, troubleOf } from './trouble.ts'

const TRIES = 4
const MOST_AT_ONCE = 5
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000

/** The API will never take this request; `status` tells one that may be too long from others. */
export class RequestRefused extends TerminalError {
  override name = 'RequestRefused'
  readonly status: number | null

  constructor({ why, status }: { why: string; status: number | null }) {
    super(`The model's API refused the request: ${why}`)
    this.status = status
  }
}

export type CallOptions = {
  access: ModelAccess
  body: Omit<Anthropic.MessageCreateParamsStreaming, 'stream'>
  /** The same for every try of the same turn of the same run. */
  idempotencyKey: string
  /** Silence of this length ends a try. */
  idleMs: number
  signal: AbortSignal
  /** First wait before another try; tests make it short. */
  firstWaitMs?: number | undefined
  /** A try failed and another follows. */
  onRetry(note: { attempt: number; delayMs: number; why: string }): Promise<void>
  /** A try ended early after the API had begun to count. */
  onLost(lost: { usage: ApiUsage; model: string; requestId: string | null }): Promise<void>
}

export type Called = { reply: Reply; requestId: string | null; scripted: string | null }

/** Rejects with `Pause` (budget, account), `TerminalError` (refused by the API) or, after the last try, an error to be tried later. */
export async function callModel(options: CallOptions): Promise<Called> {
  let { idempotencyKey } = options
  let [attempt, againAtOnce] = [1, 0]
  for (;;) {
    const outcome = await tryOnce({ ...options, idempotencyKey })
    if ('reply' in outcome) return outcome
    options.signal.throwIfAborted()
    // What was asked under this key before was something else: that answer is not meant.
    if (outcome.trouble.kind === 'rekey') idempotencyKey = `${options.idempotencyKey}~${digestOf(options.body)}`
    // A gateway that was started anew says so in a moment: that is no try of the model, unless it goes on like that.
    const atOnce = ['reopen', 'rekey'].includes(outcome.trouble.kind) && againAtOnce++ < MOST_AT_ONCE
    if (attempt >= TRIES && !atOnce && outcome.trouble.kind !== 'wait' && outcome.trouble.kind !== 'never')
      throw new Error(`The model did not answer in ${TRIES} tries, the last time: ${outcome.trouble.why}`)
    await weather(outcome.trouble, attempt, options)
    if (!atOnce) attempt++
  }
}

const digestOf = (body: object): string => createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 12)

/** Returns when another try is due; rejects when none is. */
async function weather(trouble: Trouble, attempt: number, options: CallOptions): Promise<void> {
  if (trouble.kind === 'wait') throw new Pause(trouble.waiting)
  if (trouble.kind === 'never') throw new RequestRefused(trouble)
  if (trouble.kind === 'rekey') return options.onRetry({ attempt, delayMs: 0, why: trouble.why })
  if (trouble.kind === 'reopen') {
    await options.access.reopen()
    return options.onRetry({ attempt, delayMs: 0, why: trouble.why })
  }

  const delayMs = waitBefore(attempt, trouble.afterMs, options.firstWaitMs ?? FIRST_WAIT_MS)
  await options.onRetry({ attempt, delayMs, why: trouble.why })
  await sleep(delayMs, undefined, { signal: options.signal })
}

/** What the other side asked for, else doubling with a quarter of jitter, so that parallel runs do not come back together. */
function waitBefore(attempt: number, afterMs: number | null, firstWaitMs: number): number {
  if (afterMs !== null) return Math.min(LONGEST_WAIT_MS, Math.round(afterMs * (1 + Math.random() / 10)))
  return Math.round(firstWaitMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 4))
}

async function tryOnce(options: CallOptions): Promise<Called | { trouble: Trouble }> {
  // It takes 0.3 s to load: only where a model is called, on the first call, and not as the model's silence.
  const { default: Client } = await import('@anthropic-ai/sdk')
  const partial = nothingYet()
  const silence = watchSilence(options.idleMs)
  let requestId: string | null = null
  try {
    const client = new Client(clientOptions(options.access, silence.beat))
    const { data, response } = await client.messages
      .create({ ...options.body, stream: true }, requestOptions(options, silence.signal))
      .withResponse()
    requestId = response.headers.get('request-id')
    await collect(data, partial)
    // A connection that closes tidily in the middle ends the stream without an error.
    if (!partial.reply || !partial.ended) throw new Error('the stream ended before the reply did')
    const { headers } = response
    return { reply: partial.reply, requestId, scripted: headers.get('x-sluice-scripted') }
  } catch (error) {
    options.signal.throwIfAborted()
    if (partial.reply) await options.onLost({ usage: partial.reply.usage, model: partial.reply.model, requestId })
    if (silence.signal.aborted) return { trouble: { kind: 'retry', why: silence.why, afterMs: null } }
    return { trouble: troubleOf(error, (error as { headers?: Headers }).headers) }
  } finally {
    silence.stop()
  }
}

const requestOptions = ({ idempotencyKey, signal }: CallOptions, silence: AbortSignal) => ({
  signal: AbortSignal.any([signal, silence]),
  headers: { 'idempotency-key': idempotencyKey },
})

const clientOptions = ({ url, token }: ModelAccess, beat: () => void): ClientOptions => ({
  // Given none, the SDK looks for keys, profiles and addresses of its own in the environment and on the disk.
  apiKey: token,
  authToken: null,
  baseURL: url,
  maxRetries: 0,
  openTelemetry: false,
  // It would write what the model says to the console.
  logLevel: 'off',
  fetch: heard(beat),
})

/** The SDK's own timeout ends at the headers, and it hides pings: here every byte counts as a sign of life. */
const heard =
  (beat: () => void): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, init)
    beat()
    const watch = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        beat()
        controller.enqueue(chunk)
      },
    })
    const { status, statusText, headers } = response
    return new Response(response.body?.pipeThrough(watch) ?? null, { status, statusText, headers })
  }

function watchSilence(idleMs: number) {
  const controller = new AbortController()
  const why = `connection: silent for ${idleMs / 1000} s`
  const fire = () => controller.abort(new Error(why))
  let timer = setTimeout(fire, idleMs)
  return {
    why,
    signal: controller.signal,
    stop: () => clearTimeout(timer),
    beat: () => {
      clearTimeout(timer)
      timer = setTimeout(fire, idleMs)
    },
  }
}
