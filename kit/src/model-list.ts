/** What the models can do that the person's key may use, as the gateway knows it; null where nobody can say. */
import { Models, type ModelView } from '@sluice/proto/rest.ts'
import { z } from 'zod'
import type { EngineChoice } from './engine.ts'

const ANSWER_MS = 5_000
const Told = z.object({ models: Models.shape.models, problem: z.string().nullable() })
export type ToldModels = z.infer<typeof Told>

export async function askModels(gateway: { url: string; secret: string }): Promise<ToldModels | null> {
  const headers = { authorization: `Bearer ${gateway.secret}` }
  const asking = fetch(`${gateway.url}/models`, { headers, signal: AbortSignal.timeout(ANSWER_MS) })
  const reply = await asking.catch(() => null)
  if (!reply?.ok) return null
  return Told.safeParse(await reply.json().catch(() => null)).data ?? null
}

/**
 * A choice inside what its model can do: no effort it does not know, no longer reply than it gives, how much it reads and whether it sees.
 * What the person says of its window stands before the list, the list before the name.
 */
export function within(
  choice: EngineChoice,
  view: Pick<ModelView, 'efforts' | 'maxTokens' | 'context' | 'images'> | undefined,
): EngineChoice {
  const { effort, maxTokens, window, ...rest } = choice
  const knows = !effort || !view?.efforts || view.efforts.some((one) => one === effort)
  const most = view?.maxTokens && maxTokens ? Math.min(view.maxTokens, maxTokens) : maxTokens
  return {
    ...rest,
    ...(effort && knows && { effort }),
    ...(most && { maxTokens: most }),
    ...((window || view?.context) && { window: { ...(view?.context && { tokens: view.context }), ...window } }),
    ...(view?.images === false && { blind: true as const }),
  }
}
