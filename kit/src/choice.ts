/** Which engine, model and effort a run works with: what its story chose comes before what the person's configuration says. */
import type { Event } from '@sluice/proto/events.ts'
import type { Choice, Effort } from '@sluice/proto/parts.ts'

/** Nothing is left open but the effort, which a model then decides for itself. */
export type Chosen = { engine: string; model: string; effort?: Effort }
export type Configured = Choice & Pick<Chosen, 'engine' | 'model'>

/** Field by field: who chooses another effort still means the configured model. */
export function chosenFor(role: string, request: Event, configured: Configured): Chosen {
  const wish = 'choices' in request.data ? request.data.choices?.[role] : undefined
  return chosenOver(configured, wish)
}

export function chosenOver({ engine, model, effort }: Configured, wish: Choice = {}): Chosen {
  const wanted = wish.effort ?? effort
  return { engine: wish.engine ?? engine, model: wish.model ?? model, ...(wanted && { effort: wanted }) }
}

/** A conversation belongs to its engine and its model: thinking is bound to both. The effort may change within it. */
export const isSameVoice = (a: Pick<Chosen, 'engine' | 'model'>, b: Pick<Chosen, 'engine' | 'model'>): boolean =>
  a.engine === b.engine && a.model === b.model

export const choiceText = ({ engine, model, effort }: Choice): string =>
  [engine, model, effort && `${effort} effort`].filter(Boolean).join(', ')
