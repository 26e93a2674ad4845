/** The models a story may choose: those the API lists whose price is known; where it does not answer, those of the price tables. */

import type { ServiceConfig } from '@sluice/kit/config.ts'
import { askModels } from '@sluice/kit/model-list.ts'
import { priceOf, publicPrices } from '@sluice/kit/prices.ts'
import type { Models, ModelView } from '@sluice/proto/rest.ts'
import type { Own } from './settings.ts'

type Asked = { own: Pick<Own, 'priced'>; gateway: ServiceConfig['gateway'] }

export async function modelsView({ own, gateway }: Asked): Promise<Models> {
  const told = gateway ? await askModels(gateway) : null
  if (!told || told.problem)
    return {
      from: 'prices',
      problem: `${told?.problem ?? 'Which models your key may use cannot be asked now.'} These are those whose price is known.`,
      models: pricedModels(own),
    }
  const listed = told.models.filter(({ id }) => own.priced.includes(id) || priceOf(id) !== undefined)
  const known = new Set(listed.map(({ id }) => id))
  const priced = own.priced.filter((id) => !known.has(id)).map(named)
  return { from: 'api', problem: null, models: [...listed, ...priced] }
}

/** Of the price tables alone: what they can do is not known. */
export const pricedModels = ({ priced }: Pick<Own, 'priced'>): ModelView[] =>
  [...new Set([...priced, ...Object.keys(publicPrices)])].map(named)

const named = (id: string): ModelView => ({ id, name: id })
