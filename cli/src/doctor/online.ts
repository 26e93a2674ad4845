/** Asks what lies outside, only when told to: does the key work, does the package registry answer. */
import { hasKey } from '../child-env.ts'
import { upstreamUrl } from '../own.ts'
import { npmRegistryOf } from '../registries.ts'
import { type Check, ok, warning } from './check.ts'

type Env = Record<string, string | undefined>

const PATIENCE_MS = 15_000
const PUBLIC_REGISTRY = 'https://registry.npmjs.org'

/** GET /v1/models costs nothing and needs a key that holds. */
export async function models(env: Env, model: string): Promise<Check> {
  const url = upstreamUrl({ upstream: null, env })
  if (!hasKey(env)) return warning('models', `There is no key to ask ${url} with.`, 'Set ANTHROPIC_API_KEY.')
  const reply = await ask(`${url}/v1/models?limit=1000`, { ...authOf(env), 'anthropic-version': '2023-06-01' })
  if ('problem' in reply)
    return warning(
      'models',
      `${url} does not answer (${reply.problem}).`,
      'Look at the network, HTTPS_PROXY and NODE_EXTRA_CA_CERTS.',
    )
  if (reply.status === 401 || reply.status === 403)
    return warning(
      'models',
      `${url} does not take the key (${reply.status}).`,
      'Set ANTHROPIC_API_KEY to one that is valid.',
    )
  if (reply.status !== 200)
    return warning('models', `${url} answers ${reply.status}.`, 'Ask again later; status.anthropic.com says how it is.')
  return knows(reply.body, model)
    ? ok('models', `${url} takes the key and has ${model}`)
    : warning(
        'models',
        `${url} takes the key and does not list ${model}.`,
        'Name one it has: `model` in config.yaml, or --model.',
      )
}

/** One call of a few tokens, the only one that costs: that the key may also use the model. */
export async function modelCall(env: Env, model: string): Promise<Check> {
  const url = upstreamUrl({ upstream: null, env })
  if (!hasKey(env)) return warning('model call', 'There is no key to call a model with.', 'Set ANTHROPIC_API_KEY.')
  const body = JSON.stringify({ model, max_tokens: 16, messages: [{ role: 'user', content: 'Say: ok' }] })
  const headers = { ...authOf(env), 'anthropic-version': '2023-06-01', 'content-type': 'application/json' }
  const reply = await ask(`${url}/v1/messages`, headers, body)
  if ('problem' in reply)
    return warning('model call', `${url} does not answer (${reply.problem}).`, 'Look at the network and HTTPS_PROXY.')
  if (reply.status === 200) return ok('model call', `${model} answers`)
  return warning(
    'model call',
    `${model} was not answered: ${reply.status} ${reasonIn(reply.body)}`.trim(),
    'Look at the account: console.anthropic.com says what the key may use and what credit it has.',
  )
}

function reasonIn(body: string): string {
  const said = /"message"\s*:\s*"([^"]{1,200})/.exec(body)?.[1]
  return said ?? ''
}

function authOf(env: Env): Record<string, string> {
  const key = env.ANTHROPIC_API_KEY
  return key ? { 'x-api-key': key } : { authorization: `Bearer ${env.ANTHROPIC_AUTH_TOKEN ?? ''}` }
}

function knows(body: string, model: string): boolean {
  try {
    const { data } = JSON.parse(body) as { data?: { id?: string }[] }
    return Array.isArray(data) && data.some(({ id }) => id === model)
  } catch {
    return false
  }
}

export async function registry(env: Env): Promise<Check> {
  const url = (npmRegistryOf(env) ?? PUBLIC_REGISTRY).replace(/\/+$/, '')
  const reply = await ask(`${url}/-/ping`, {})
  if (!('problem' in reply) && reply.status < 500) return ok('registry', `${url} answers`)
  const why = 'problem' in reply ? reply.problem : reply.status
  return warning(
    'registry',
    `${url} does not answer (${why}): set-up commands of stories that install packages will fail.`,
    'Look at the network, HTTPS_PROXY and your .npmrc.',
  )
}

async function ask(
  url: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ status: number; body: string } | { problem: string }> {
  try {
    const reply = await fetch(url, {
      headers,
      ...(body === undefined ? {} : { method: 'POST', body }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    return { status: reply.status, body: await reply.text() }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return {
      problem: (cause as NodeJS.ErrnoException).code ?? (cause instanceof Error ? cause.message : String(cause)),
    }
  }
}
