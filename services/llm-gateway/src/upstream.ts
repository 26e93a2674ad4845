/** The way to the model's API: the one place that holds the real key, and the rule of what crosses. */

import type { MessageRead } from '@sluice/kit/message-reader.ts'
import type { ApiUsage } from '@sluice/kit/prices.ts'

/** `apiKey` is an API key, `authToken` a bearer token; null when the person has given neither. */
export type Key = { apiKey: string } | { authToken: string } | null

export type Upstream = {
  /** Without `/v1`. */
  url: string
  host: string
  send(request: UpstreamRequest): Promise<Response>
}

export type UpstreamRequest = {
  method: 'GET' | 'POST'
  path: string
  headers: Headers
  body: string | null
  /** The caller's own bearer goes on untouched, and our key stays here. */
  login?: boolean | undefined
  signal: AbortSignal
}

/** Since this API version a key goes out as a bearer; before, as `x-api-key`. */
const VERSION_WITH_BEARER = '2026-10-21'

/** All that the API needs to hear of a client. Tokens, cookies and addresses are not among it. */
const passedOn = ['anthropic-version', 'anthropic-beta', 'content-type', 'accept', 'user-agent', 'idempotency-key']

export function openUpstream({ url, key }: { url: string; key: Key }): Upstream {
  const base = url.replace(/\/+$/, '')
  return {
    url: base,
    host: new URL(base).host,
    send({ method, path, headers, body, login, signal }) {
      const sent = new Headers({ 'accept-encoding': 'identity' })
      for (const name of passedOn) {
        const value = headers.get(name)
        if (value !== null) sent.set(name, value)
      }
      if (login) sent.set('authorization', headers.get('authorization') ?? '')
      else sign(sent, key)
      // A redirect would carry the key to wherever it points.
      return fetch(`${base}${path}`, { method, headers: sent, body, signal, redirect: 'manual' })
    },
  }
}

function sign(headers: Headers, key: Key): void {
  if (!key) return
  const bearer = 'authToken' in key || (headers.get('anthropic-version') ?? '') >= VERSION_WITH_BEARER
  const secret = 'authToken' in key ? key.authToken : key.apiKey
  if (bearer) headers.set('authorization', `Bearer ${secret}`)
  else headers.set('x-api-key', secret)
}

/** Of one connection or one site; the body has been decoded already. */
const notBack = new Set(
  'connection keep-alive proxy-authenticate proxy-connection te trailer transfer-encoding upgrade set-cookie content-encoding content-length'.split(
    ' ',
  ),
)

export const headersBack = (response: Response): Headers =>
  new Headers([...response.headers].filter(([name]) => !notBack.has(name)))

export type Passed = { bytesIn: number; outcome: 'whole' | 'cut' }

export type Watching = {
  /** Called once, whichever side ends it. */
  onEnd(passed: Passed): Promise<void>
  /** Breaks the connection to the caller off: an answer that was cut must not look whole. */
  cut(): Promise<void>
}

/** The same bytes, as they come. */
export function watched(response: Response, { onEnd, cut }: Watching): ReadableStream<Uint8Array> {
  const reader = response.body?.getReader()
  let bytesIn = 0
  let ended = false
  const end = async (outcome: Passed['outcome']) => {
    if (ended) return
    ended = true
    await onEnd({ bytesIn, outcome })
  }
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
        if (done) {
          await end('whole')
          return controller.close()
        }
        bytesIn += value.length
        controller.enqueue(value)
      } catch {
        await end('cut')
        await cut()
        controller.close()
      }
    },
    async cancel(reason) {
      await reader?.cancel(reason).catch(() => undefined)
      await end('cut')
    },
  })
}

/**
 * What a call is counted as. Whole answers report all of it. Of one that was cut, what went in is reported at the start; what came
 * out only at the end: generated and paid it may be all the same, so the line takes the longest answer there could have been.
 * A hard line that guessed low would not be one.
 */
export function counted(
  { usage, final }: Pick<MessageRead, 'usage' | 'final'>,
  worst: { promptTokens: number; maxTokens: number },
): ApiUsage {
  if (final && usage) return usage
  if (usage) return { ...usage, output_tokens: worst.maxTokens }
  return { input_tokens: worst.promptTokens, output_tokens: worst.maxTokens }
}
