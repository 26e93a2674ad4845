/** The models a story may choose: those whose price is known. */
import { publicPrices } from '@sluice/kit/prices.ts'
import type { Models, ModelView } from '@sluice/proto/rest.ts'
import type { Own } from './settings.ts'

export const modelsView = (own: Pick<Own, 'priced'>): Models => ({
  from: 'prices',
  problem: 'Which models your key may use was not asked: these are those whose price is known.',
  models: pricedModels(own),
})

/** Of the price tables alone: what they can do is not known. */
export const pricedModels = ({ priced }: Pick<Own, 'priced'>): ModelView[] =>
  [...new Set([...priced, ...Object.keys(publicPrices)])].map((id) => ({ id, name: id }))
