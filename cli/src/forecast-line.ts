/** What a story is likely to cost, in a line. */
import { Forecast } from '@sluice/proto/rest.ts'
import type { Rest } from './rest.ts'
import { usd } from './units.ts'

/** Null when nobody can say: a story is handed in all the same. */
export const readForecast = (rest: Rest): Promise<Forecast | null> =>
  rest.get('/api/forecast', Forecast).catch(() => null)

export function forecastLine({ stories, least, total }: Forecast): string {
  if (!total)
    return `What it will cost cannot be foretold: ${stories === 0 ? 'no story has' : `${stories} of at least ${least} stories have`} shipped here.`
  return `Of ${stories} shipped stories half cost up to ${usd(total.median)}, nine of ten up to ${usd(total.most)}.`
}
