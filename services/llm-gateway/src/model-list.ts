/** The models that the person's key may use, as the API lists them: asked for now and then, not for every reader. */
import { Effort } from '@sluice/proto/parts.ts'
import type { LedgerEntry, Models, ModelView } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import type { Upstream } from './upstream.ts'

const FRESH_MS = 60 * 60_000
/** What went wrong is asked again sooner. */
const AGAIN_MS = 60_000
const ANSWER_MS = 4_000

const Supported = z.object({ supported: z.boolean() })
/** What we read of a model; an API that says less is believed as far as it goes. */
const Info = z.object({
  id: z.string(),
  display_name: z.string().optional(),
  max_input_tokens: z.int().positive().nullish(),
  max_tokens: z.int().positive().nullish(),
  capabilities: z
    .object({ effort: Supported.catchall(z.unknown()).nullish(), image_input: Supported.nullish() })
    .nullish(),
})
const List = z.object({ data: z.array(Info) })

export type ModelList = () => Promise<Pick<Models, 'models' | 'problem'>>

type Means = { upstream: Upstream; enter(entry: LedgerEntry): Promise<void>; now?: () => number }

export function openModelList({ upstream, enter, now = Date.now }: Means): ModelList {
  let last: { until: number; told: ReturnType<ModelList> } | null = null
  return async () => {
    if (last && now() < last.until) return last.told
    const asked = { until: now() + FRESH_MS, told: ask({ upstream, enter }) }
    last = asked
    const told = await asked.told
    if (told.problem) asked.until = now() + AGAIN_MS
    return told
  }
}

async function ask({ upstream, enter }: Means): ReturnType<ModelList> {
  const headers = new Headers({ 'anthropic-version': '2026-10-21' })
  const path = '/v1/models?limit=1000'
  const signal = AbortSignal.timeout(ANSWER_MS)
  const reply = await upstream.send({ method: 'GET', path, headers, body: null, signal }).catch(() => null)
  const text = reply ? await reply.text().catch(() => '') : ''
  const nobody = { storyId: null, role: 'llm-gateway', runId: null }
  const bytes = { bytesOut: 0, bytesIn: Buffer.byteLength(text) }
  const outcome = reply ? String(reply.status) : 'no answer'
  await enter({ at: new Date().toISOString(), door: 'model', host: upstream.host, ...bytes, ...nobody, outcome })
  if (!reply) return { models: [], problem: `${upstream.url} does not answer.` }
  if (!reply.ok) return { models: [], problem: `${upstream.url} does not list its models (${reply.status}).` }
  const list = List.safeParse(jsonOf(text))
  if (!list.success) return { models: [], problem: `What ${upstream.url} lists as models cannot be read.` }
  return { models: list.data.data.map(viewOf), problem: null }
}

function viewOf({ id, display_name: name, capabilities, ...limits }: z.infer<typeof Info>): ModelView {
  const { effort, image_input: images } = capabilities ?? {}
  return {
    ...{ id, name: name ?? id },
    ...(effort && { efforts: effort.supported ? effortsIn(effort) : [] }),
    ...(images && { images: images.supported }),
    ...(limits.max_input_tokens && { context: limits.max_input_tokens }),
    ...(limits.max_tokens && { maxTokens: limits.max_tokens }),
  }
}

const effortsIn = (effort: Record<string, unknown>): Effort[] =>
  Effort.options.filter((level) => Supported.safeParse(effort[level]).data?.supported)

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
